"""Scenario a with Soda Core 3, the quickest form found: `python soda_a.py DATA.parquet CHECKS.yml RESULTS.json`.

A view over the file: Soda's own `path:` copies all rows into a table first.
"""

import json
import sys
from pathlib import Path

import duckdb
from soda.scan import Scan

data, checks, results = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"CREATE VIEW ads AS SELECT * FROM read_parquet('{data}')")
scan = Scan()
scan.set_data_source_name("duckdb")
scan.add_duckdb_connection(connection)
scan.add_sodacl_yaml_file(checks)
scan.execute()
scan.assert_no_error_logs()
Path(results).write_text(json.dumps(scan.get_scan_results()), encoding="utf-8")
