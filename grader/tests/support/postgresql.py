"""A throw-away PostgreSQL server."""

import os
import subprocess
from contextlib import contextmanager


@contextmanager
def postgresql():
    """The address of an empty database."""
    command = ["pg_virtualenv", "sh", "-c", "echo database $PGUSER $PGPASSWORD $PGPORT; cat"]
    if os.getuid() == 0:  # then PostgreSQL itself must not be root
        command = ["runuser", "-u", "postgres", "--", *command]
    with subprocess.Popen(
        command, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        told = next(line for line in server.stdout if line.startswith("database "))
        _, user, password, port = told.split()
        try:
            yield f"postgresql+psycopg://{user}:{password}@127.0.0.1:{port}/postgres"
        finally:
            server.communicate()
    assert server.returncode == 0
