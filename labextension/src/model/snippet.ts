/** The Python lines that load a registered version; a tracked kernel already knows where the registry is. */
export function loadSnippet(version: { uri: string }): string {
  return `import mlflow\n\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(version.uri)})`;
}
