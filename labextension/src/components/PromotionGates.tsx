import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { GateAnswer, Promotion } from '../api/wire';
import { brief, formatAgo } from '../model/format';
import { shortName } from '../model/name';
import { isUnderWay } from '../model/jobs';
import { evidenceOf, gateState } from '../model/promotiontext';
import { Name } from './Figure';
import { type IReproduce, Reproduction } from './Reproduction';

/** Longest sentence of a gate that is shown. */
const SAID = 1000;

/** What a gate's next step can be done with. */
export interface IGateSteps {
  /** Makes the run again; null: its run is unknown, or runs are not reproduced here. */
  reproduce: IReproduce | null;
  /** Opens the form of an approval. */
  onApprove: () => void;
}

interface IGatesProps {
  answer: Promotion;
  steps: IGateSteps;
  trans: TranslationBundle;
}

/** What each gate of an alias says, with what it saw and what would make it pass; those that refuse come first. */
export function PromotionGates(props: IGatesProps): React.ReactElement {
  const { answer, trans } = props;
  const { failing, gates } = answer;
  const sorted = [...gates].sort((one, other) => Number(one.holds) - Number(other.holds));
  const id = React.useId();
  return (
    <section className="bioml-Gates" aria-labelledby={id}>
      <h3 id={id}>
        {trans.__('Gates')}{' '}
        <span className="bioml-soft">
          {answer.asking !== null
            ? answer.asking.of > 0
              ? trans.__('%1 of %2 have answered', gates.length, answer.asking.of)
              : ''
            : gates.length === 0
              ? trans.__('the policy defines none for this alias')
              : failing.length === 0
                ? trans.__('none refuses')
                : trans._n('%1 of %2 refuses', '%1 of %2 refuse', failing.length, gates.length)}
        </span>
      </h3>
      {gates.length > 0 && (
        <ul>
          {sorted.map((gate, index) => (
            <Gate key={index} gate={gate} steps={props.steps} trans={trans} />
          ))}
        </ul>
      )}
      <p className="bioml-soft bioml-GatesPolicy">
        {trans.__('Policy:')} <Name text={answer.policy} />
      </p>
    </section>
  );
}

/** The next step as a button, and how far it is. */
function Step(
  props: IGateSteps & { step: GateAnswer['step']; trans: TranslationBundle }
): React.ReactElement | null {
  const { step, reproduce, onApprove, trans } = props;
  if (step === 'approve') {
    return (
      <button type="button" className="bioml-Button" onClick={onApprove}>
        {trans.__('Approve…')}
      </button>
    );
  }
  if (step !== 'reproduce' || reproduce === null) {
    return null;
  }
  return (
    <>
      <button
        type="button"
        className="bioml-Button"
        disabled={isUnderWay(reproduce.now)}
        title={trans.__('Run its cells again in a fresh kernel and folder, and compare')}
        onClick={reproduce.onStart}
      >
        {trans.__('Reproduce')}
      </button>
      <Reproduction reproduce={reproduce} trans={trans} />
    </>
  );
}

function Gate(props: { gate: GateAnswer; steps: IGateSteps; trans: TranslationBundle }): React.ReactElement {
  const { gate, trans } = props;
  const { sign, word, kind } = gateState(gate, trans);
  const evidence = evidenceOf(gate.evidence);
  return (
    <li className={`bioml-Gate bioml-mod-${kind}`}>
      <span className="bioml-Gate-sign" aria-hidden="true">
        {sign}
      </span>
      <div className="bioml-Gate-words">
        <div>
          <strong>{shortName(gate.gate)}</strong> <span className="bioml-Gate-state">{word}</span>
          {gate.asked_at !== null && (
            <span className="bioml-soft">
              {' '}
              {trans.__('asked %1', formatAgo(gate.asked_at, Date.now() / 1000, trans))}
            </span>
          )}
        </div>
        <div>{brief(gate.said, SAID)}</div>
        {gate.next !== '' && (
          <div className="bioml-Gate-next">
            <span aria-hidden="true">→ </span>
            {brief(gate.next, SAID)}
          </div>
        )}
        {gate.state !== 'pass' && <Step step={gate.step} {...props.steps} trans={trans} />}
        {evidence.length > 0 && (
          <details>
            <summary aria-label={trans.__('Evidence of %1', shortName(gate.gate))}>
              {trans.__('Evidence')}
            </summary>
            <dl>
              {evidence.map(([key, text], index) => (
                <div key={index}>
                  <dt>{key}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}
