import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { SimulatorOptions } from '../../simulator/options.js';
import { ROOT } from '../../scripts/root.js';
import type { Column } from '../../src/contract/columns.js';
import { Service } from '../end-to-end/harness.js';
import { loaders } from './packages.js';
import { readRows, type Row } from './truth.js';

const execFileAsync = promisify(execFile);

/** What the leads are extracted as: the ends of the destinations, and of the names of the recipes that are run. */
export const FORMATS: readonly ('csv' | 'parquet')[] = ['csv', 'parquet'];

/** Leads with all that makes loading hard: what the values themselves have of it, the catalog has in any case. */
const NASTY: Partial<SimulatorOptions> = {
  leads: 20_000,
  // Some of the ids need more than 32 bits.
  idBase: 2 ** 32 - 20_000,
  halfSeconds: true,
  formulaFields: 'null',
  describe2Lacks: ['title'],
  // Two of names that are the same in their first 63 bytes.
  extraFields: 2,
};

/** An output of nasty leads in S3 and, with what lies beside it, in a directory, and what the instance says that it must hold. */
export class Output {
  private constructor(
    readonly service: Service,
    readonly directory: string,
    readonly columns: readonly Column[],
    readonly truth: readonly Row[],
    private readonly packages: string,
  ) {}

  static async make(): Promise<Output> {
    const packages = await loaders();
    const service = await Service.start(NASTY);
    const oddities = [
      { kind: 'fileBom' },
      { kind: 'fileBlankLines', where: 'inside', lines: 2 },
      { kind: 'fileLastLineEnd', present: false },
    ] as const;
    for (const effect of oddities) service.simulator.faults.inject({ endpoint: 'create', times: Infinity, effect });
    const directory = await mkdtemp(join(tmpdir(), 'loading-'));
    const range = { startAt: '', endAt: '' };
    for (const format of FORMATS) {
      Object.assign(range, await service.extract({ destination: `s3://${service.bucket}/out/leads.${format}` }));
      await writeFile(join(directory, `leads.${format}`), await service.read(`out/leads.${format}`));
    }
    await writeFile(join(directory, 'leads.csv.gz'), gzipSync(await service.read('out/leads.csv')));
    const { columns } = await service.manifest();
    const fields = columns.map(({ name }) => name).join(',');
    const query = new URLSearchParams({ startAt: range.startAt, endAt: range.endAt, fields });
    const answer = await fetch(`${service.simulator.url}/simulator/truth?${query.toString()}`);
    await writeFile(join(directory, 'schema.json'), await service.read('out/_leads.csv/schema.json'));
    return new Output(service, directory, columns, readRows(await answer.text()), packages);
  }

  /** Runs a recipe in Python, or a query of DuckDB, beside the output, and gives the rows that it read. */
  async load(name: string, code: string): Promise<Row[]> {
    await writeFile(join(this.directory, name), code);
    const { stdout } = await execFileAsync('python3', [join(ROOT, 'test/loading/load.py'), name], {
      cwd: this.directory,
      env: { ...process.env, PYTHONPATH: this.packages, PYTHONIOENCODING: 'utf-8' },
      maxBuffer: 2 ** 28,
    });
    return readRows(stdout);
  }

  /**
   * Runs a recipe for the shell beside the output, with the command line of this project, and with one of AWS that has the output
   * alone. Gives what it printed.
   */
  async shell(code: string, env: Readonly<Record<string, string>>): Promise<string> {
    const bin = await mkdtemp(join(this.directory, 'bin-'));
    const own = `exec "${process.execPath}" "${join(ROOT, 'lib/src/starter.js')}" "$@"`;
    const aws = `[ "$1 $2 $4" = "s3 cp -" ] && exec cat "${this.directory}/\${3##*/}"`;
    for (const [name, body] of Object.entries({ 'marketo-lead-extract': own, aws })) {
      await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    const { stdout } = await execFileAsync('sh', ['-ec', code], {
      cwd: this.directory,
      env: { ...process.env, ...env, PATH: `${bin}:${env['PATH'] ?? process.env['PATH'] ?? ''}` },
      maxBuffer: 2 ** 28,
    });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
