// Servers that demo, tests and benchmarks run against: child processes on free loopback ports, gone when their parent is.
export { type Server } from './server.js';
export { startS3, type S3Server } from './s3.js';
export { startSimulatorProcess, startWorker, type SimulatorServer } from './product.js';
export { startTemporal } from './temporal.js';
