import { confirm, input, password, select } from '@inquirer/prompts';
import type { Terminal } from '../terminal.js';
import { endpointProblem, type SettingsOptions } from './settings.js';

type Context = NonNullable<Parameters<typeof input>[1]>;

/** Where questions are asked. */
function contextOf({ stdin, stdout, interrupted }: Terminal): Context {
  return { input: stdin, output: stdout, signal: interrupted };
}

/** Asks for what the options do not say. */
export async function askSettings(given: SettingsOptions, terminal: Terminal): Promise<SettingsOptions> {
  const context = contextOf(terminal);
  const validate = (text: string): string | true => endpointProblem(text) ?? true;
  const endpoint =
    given.endpoint ?? (await input({ message: 'REST endpoint of Marketo (Admin > Web Services):', validate }, context));
  const clientId = given.clientId ?? (await askText('Client id (Admin > LaunchPoint):', context));
  const clientSecret = given.clientSecret ?? (await askSecret('Client secret:', context));
  const storage = await askStorage(given, context);
  const temporal = await askTemporal(given, context);
  return { ...given, endpoint, clientId, clientSecret, ...storage, ...temporal };
}

async function askStorage(given: SettingsOptions, context: Context): Promise<SettingsOptions> {
  const choices = [
    { name: 'Amazon S3', value: false },
    { name: 'another store with the interface of S3', value: true },
  ];
  const asked = given.s3Endpoint === undefined && given.region === undefined;
  const other = asked && (await select({ message: 'Where is the bucket?', choices }, context));
  const s3Endpoint = given.s3Endpoint ?? (other ? await askText('URL of the store:', context) : '');
  const region = given.region ?? (await input({ message: 'Region:', default: 'us-east-1' }, context));
  const question = 'Write an access key? (No: a profile or the role of the machine has it.)';
  const keys = given.accessKeyId !== undefined || (await confirm({ message: question }, context));
  if (!keys) return { s3Endpoint, region };
  const accessKeyId = given.accessKeyId ?? (await askText('Access key id:', context));
  const secretAccessKey = given.secretAccessKey ?? (await askSecret('Secret access key:', context));
  return { s3Endpoint, region, accessKeyId, secretAccessKey };
}

async function askTemporal(given: SettingsOptions, context: Context): Promise<SettingsOptions> {
  if (given.temporalAddress !== undefined) return {};
  const choices = [
    { name: 'on this machine, started by `up`', value: false },
    { name: 'elsewhere: Temporal Cloud, or a service of your own', value: true },
  ];
  if (!(await select({ message: 'Where does Temporal run?', choices }, context))) return {};
  const temporalAddress = await askText('Address of Temporal, host:port:', context);
  const temporalNamespace = await input({ message: 'Namespace:', default: 'default' }, context);
  const temporalApiKey = await password({ message: 'API key (none: just Enter):', mask: '*' }, context);
  return { temporalAddress, temporalNamespace, temporalApiKey };
}

/** Whether a file that is there may be replaced. */
export function askToReplace(file: string, terminal: Terminal): Promise<boolean> {
  const message = `${file} is there already. Replace what it says of Marketo, S3 and Temporal?`;
  return confirm({ message, default: false }, contextOf(terminal));
}

function askText(message: string, context: Context): Promise<string> {
  return input({ message, required: true }, context);
}

function askSecret(message: string, context: Context): Promise<string> {
  return password({ message, mask: '*', validate: (text) => text !== '' || 'It is needed.' }, context);
}
