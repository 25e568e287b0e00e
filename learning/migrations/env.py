"""How Alembic runs here: on the app's own engine, in one
transaction, SQLite with its foreign keys checked at the end.
"""

from alembic import context
from sqlalchemy import text

from learning import tables  # noqa: F401  (all models)
from learning.kit.db import Model, db

engine = db.engine
with engine.connect() as connection:
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
    try:
        context.configure(connection=connection, target_metadata=Model.metadata, render_as_batch=sqlite)
        with context.begin_transaction():
            context.run_migrations()
            if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise RuntimeError("the migration leaves a row that points at nothing")
    finally:
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
