"""How gunicorn serves Leerkring: the services, the demo and the tests use this file; an option on the command
line wins.
"""

worker_class = "learning.kit.serving.Worker"
workers = 2
threads = 8
control_socket_disable = True
# seconds in which requests in hand are answered after SIGTERM; the database gives up after 15
graceful_timeout = 30
timeout = 60
keepalive = 5
# the most there is, and what nginx lets through: filters of lists stand in the address
limit_request_line = 8190
