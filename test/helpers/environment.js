// Where test files run: Node's, and a worker of Jest's that does not outlive Jest. An orphan would go on testing, and keep
// the servers that its tests have started, for as long as the longest of them hangs.
import { TestEnvironment } from 'jest-environment-node';

// The channel to Jest closes with Jest, however that ended; Jest's own process has none. A listener to its end would keep
// the worker from ending by itself.
if (process.connected) {
  setInterval(() => {
    if (!process.connected) process.exit(1);
  }, 500).unref();
}

export default TestEnvironment;
