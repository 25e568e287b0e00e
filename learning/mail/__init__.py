"""The outbox: messages written with the change they tell of, sent by the worker."""
