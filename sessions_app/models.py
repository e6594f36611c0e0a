from sessions_app.streams.models import Producer, Record, Stream

__all__ = ["Producer", "Record", "Stream"]
