"""The database's shape over time. Alembic holds the tables; `apply.py` adds functions, roles and grants."""
