# Runs a recipe and writes what it left in `leads` to standard output, a JSON object a line.
import json
import sys
from datetime import date, datetime, timezone


def rows(leads):
    kind = type(leads).__module__.split(".")[0]
    if kind == "pandas":
        return leads.to_dict("records")
    if kind == "pyarrow":
        return leads.to_pylist()
    if kind == "polars":
        return leads.to_dicts()
    if "duckdb" in kind:
        return [dict(zip(leads.columns, row)) for row in leads.fetchall()]
    return leads


def plain(value):
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime):
        return (value.astimezone(timezone.utc) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def run(path):
    with open(path, encoding="utf-8") as file:
        code = file.read()
    scope = {}
    if path.endswith(".sql"):
        import duckdb

        scope["leads"] = duckdb.sql(code)
    else:
        exec(code, scope)
    for row in rows(scope["leads"]):
        print(json.dumps({name: plain(value) for name, value in row.items()}))


try:
    run(sys.argv[1])
except Exception as error:
    # What readers say of a row that they cannot read is the row, too.
    sys.exit(f"{type(error).__module__}.{type(error).__name__}")
