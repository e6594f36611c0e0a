"""How the stand-in understands a question and answers from tool results: rules, no language model.

``conversation`` takes a request apart, ``words`` and ``times`` find what a question names, ``reading`` puts that together,
``wishes`` and ``following`` read what is to be done, ``deciding`` chooses the topic, ``topics`` call tools and write.
"""
