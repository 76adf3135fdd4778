import type { Decided, GateAnswer, Promotion, RolledBack } from '../api/wire';

/** A gate that does not pass because no one has approved. */
export function aGate(changes: Partial<GateAnswer> = {}): GateAnswer {
  return {
    gate: 'approval',
    state: 'fail',
    said: '0 of 1 people have said approval.',
    next: 'Let somebody approve it.',
    step: null,
    allowed: false,
    asked_at: null,
    holds: false,
    evidence: { decisions: [], model_sha256: 'ab12' },
    ...changes
  };
}

/** Version 4 of `diagnosis-gbm`, whose one gate passes, for an alias that version 2 holds. */
export function aPromotion(changes: Partial<Promotion> = {}): Promotion {
  return {
    model: 'diagnosis-gbm',
    version: '4',
    alias: 'champion',
    aliases: ['champion', 'challenger'],
    run_id: 'run-1',
    promoted: false,
    previous: '2',
    policy: '/home/ada/study/bioml-policy.yaml',
    policy_sha256: 'c'.repeat(64),
    gates: [
      aGate({
        gate: 'metrics',
        state: 'pass',
        said: '1 metric within bounds.',
        next: '',
        holds: true,
        evidence: { auc: 0.91 }
      })
    ],
    failing: [],
    dry_run: true,
    override: null,
    event: null,
    notes: [],
    asking: null,
    ...changes
  };
}

/** Ada approved version 4. */
export function aDecided(changes: Partial<Decided> = {}): Decided {
  const made: Decided['made'] = {
    decision: 'approve',
    by: 'ada',
    name: 'Ada Lovelace',
    auth_method: 'os-user',
    meaning: 'approval',
    reason: 'looked',
    at: '2026-11-21T14:03:07Z',
    event: 'e2',
    where: 'this project'
  };
  return {
    model: 'diagnosis-gbm',
    version: '4',
    run_id: 'run-1',
    model_sha256: 'ab12',
    made,
    standing: [made],
    identity: 'the account of the operating system',
    notes: [],
    ...changes
  };
}

/** The alias is version 1's again. */
export function aRolledBack(changes: Partial<RolledBack> = {}): RolledBack {
  return {
    model: 'diagnosis-gbm',
    alias: 'champion',
    version: '1',
    previous: '4',
    event: 'e3',
    notes: [],
    ...changes
  };
}
