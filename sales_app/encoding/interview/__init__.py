"""A top rep is interviewed: planned questions, one at a time, in an ordinary durable session; answers become cited lines."""
