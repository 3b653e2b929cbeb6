import { pythonPackages } from '../../scripts/python-packages.js';

/** What the recipes in Python load with, and all that they need: versions that go with Python 3.11 and later. */
const PACKAGES = [
  { name: 'duckdb', version: '2.0.1' },
  { name: 'numpy', version: '2.4.6' },
  { name: 'pandas', version: '3.1.1' },
  { name: 'polars', version: '2.1.0' },
  { name: 'polars-runtime-32', version: '2.1.0' },
  { name: 'pyarrow', version: '26.0.1' },
  { name: 'python-dateutil', version: '4.0.0' },
  { name: 'tzdata', version: '2026.6' },
] as const;

/** A directory for PYTHONPATH; 157 MB are fetched the first time. */
export function loaders(): Promise<string> {
  return pythonPackages('loaders', PACKAGES);
}
