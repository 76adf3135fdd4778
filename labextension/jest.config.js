/** JupyterLab's packages are ES modules: they are compiled for the tests too. */
const esm = ['@jupyterlab', '@jupyter', '@lumino', 'lib0', 'y-protocols', 'd3-(scale|shape|array|color|format|interpolate|time|time-format|path)', 'internmap', '@tanstack', 'nanoid', 'vscode-ws-jsonrpc', '@microsoft', '@rjsf', 'exenv-es6', 'codemirror', '@codemirror', '@lezer', 'lib/marked', 'marked', '@marijn', 'style-mod', 'w3c-keyname', 'crelt'].join('|');

module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/src/**/__tests__/**/*.spec.ts?(x)'],
  transform: {
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.test.json', isolatedModules: true }],
    '^.+\\.m?js$': ['ts-jest', { tsconfig: { allowJs: true, module: 'commonjs', target: 'ES2020', esModuleInterop: true }, isolatedModules: true }]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esm})/?)`],
  moduleNameMapper: {
    '\\.(css|svg|raw)$': '<rootDir>/jest.style.js',
    '\\.svg$': '<rootDir>/jest.style.js'
  },
  coverageReporters: ['text-summary']
};
