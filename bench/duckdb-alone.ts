// `node duckdb-alone.js REQUEST`: runs what the converter is told to run, and nothing else: file to file, no checks.
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ConverterRequest } from '../src/merge/formats/parquet/converter.js';

const { settings, statements } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ConverterRequest;
const instance = await DuckDBInstance.create(':memory:', { ...settings });
const connection = await instance.connect();
for (const statement of statements) await connection.run(statement);
