import { ConfigError, readMarketoConfig, readStorageConfig } from '../../config.js';

/** What `init` may be told by options. */
export interface SettingsOptions {
  readonly endpoint?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly s3Endpoint?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly temporalAddress?: string;
  readonly temporalNamespace?: string;
  readonly temporalApiKey?: string;
}

/** Variables of a worker. */
export type Settings = Readonly<Record<string, string>>;

/** The variable that each option sets. */
const VARIABLES: Readonly<Record<keyof SettingsOptions, string>> = {
  endpoint: 'MARKETO_ENDPOINT',
  clientId: 'MARKETO_CLIENT_ID',
  clientSecret: 'MARKETO_CLIENT_SECRET',
  s3Endpoint: 'AWS_ENDPOINT_URL_S3',
  region: 'AWS_REGION',
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  temporalAddress: 'TEMPORAL_ADDRESS',
  temporalNamespace: 'TEMPORAL_NAMESPACE',
  temporalApiKey: 'TEMPORAL_API_KEY',
};

/** The variables that answers or options come to. A store that is not AWS is asked with the bucket in the path. */
export function settingsFrom(options: SettingsOptions): Settings {
  const given = (Object.keys(VARIABLES) as (keyof SettingsOptions)[]).flatMap((key) => {
    const value = options[key]?.trim() ?? '';
    return value === '' ? [] : [[VARIABLES[key], value] as const];
  });
  const pathStyle = (options.s3Endpoint ?? '').trim() === '' ? {} : { S3_FORCE_PATH_STYLE: 'true' };
  return { ...Object.fromEntries(given), ...pathStyle };
}

/** What is wrong with settings, or missing, one sentence each. */
export function problemsOf(settings: Settings): readonly string[] {
  const problems = [readMarketoConfig, readStorageConfig].flatMap((read) => {
    try {
      read(settings);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  });
  return [...new Set(problems)];
}

/** What is wrong with the endpoint of Marketo alone. */
export function endpointProblem(endpoint: string): string | undefined {
  return problemsOf({ MARKETO_ENDPOINT: endpoint.trim() }).find((problem) => problem.startsWith('MARKETO_ENDPOINT'));
}
