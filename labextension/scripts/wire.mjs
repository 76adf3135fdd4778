/**
 * `npm run wire`: writes src/api/wire.ts, by openapi-typescript, from the document that the server's code gives.
 *
 * PYTHON names an interpreter that has jupyter_bioml. The two digests in the head of the file tell, without Node, that
 * it is behind its document or was edited (tests/server/test_wire_types.py).
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import openapiTS, { astToString } from 'openapi-typescript';
import * as prettier from 'prettier';

const FILE = join(import.meta.dirname, '..', 'src', 'api', 'wire.ts');
/** What openapi-typescript writes of a document's paths: `request.ts` has a function for each endpoint instead. */
const LEFT_OUT = ['paths', 'webhooks', 'operations', '$defs'];

const digest = text => createHash('sha256').update(text, 'utf8').digest('hex');

const document = execFileSync(env.PYTHON ?? 'python', ['-P', '-m', 'jupyter_bioml.server'], {
  encoding: 'utf8'
});
const nodes = await openapiTS(JSON.parse(document), {
  immutable: true,
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  silent: true
});
const kept = nodes.filter(node => !LEFT_OUT.includes(node.name?.text));
const options = await prettier.resolveConfig(FILE);
const types = await prettier.format(astToString(kept), { ...options, filepath: FILE });
const head = `/*
 * Generated from the server's OpenAPI document by: npm --prefix labextension run wire. Do not edit.
 * Times are seconds since the epoch, durations seconds, sizes bytes; null means not known or not there.
 * document: sha256 ${digest(document)}
 * types: sha256 ${digest(types)}
 */
`;
writeFileSync(FILE, `${head}${types}`);
