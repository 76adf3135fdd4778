import { ISignal, Signal } from '@lumino/signaling';
import * as api from '../api/promote';
import type { IClient } from '../api/request';
import type { Decided, DecisionRequest, Promotion, RolledBack } from '../api/wire';

/** What can be done; `promote` needs no form, so that it is also the state in which no form is open. */
export type Act = 'promote' | 'override' | 'decide' | 'roll-back';

/** What the user fills in. */
export interface IPromotionFields {
  decision: DecisionRequest['decision'];
  /** Of an approval. */
  meaning: string;
  /** Of whatever is done. */
  reason: string;
}

/** What came of what was done. */
export type Outcome =
  | { kind: 'promoted' | 'refused'; answer: Promotion }
  | { kind: 'decided'; answer: Decided }
  | { kind: 'rolled-back'; answer: RolledBack };

/** Why something cannot be done now. */
export type Hindrance =
  'busy' | 'asking' | 'not-known' | 'held' | 'refused' | 'passed' | 'no-holder' | 'words';

const EMPTY: IPromotionFields = { decision: 'approve', meaning: 'approval', reason: '' };

/** The promotion of one version: what the gates of an alias say, what was filled in, what came of it. */
export class PromotionModel {
  /** @param alias - the one that is asked for first; empty: the policy's first. */
  constructor(
    private readonly client: IClient,
    /** Contents path that says which project is meant. */
    readonly path: string,
    readonly name: string,
    readonly version: string,
    alias = ''
  ) {
    this._alias = alias;
  }

  /** Anything below changed. */
  get changed(): ISignal<PromotionModel, void> {
    return this._changed;
  }

  /** An alias points elsewhere now. */
  get moved(): ISignal<PromotionModel, void> {
    return this._moved;
  }

  /** Something beside it changed that is shown with it. */
  redraw(): void {
    this._changed.emit();
  }

  get alias(): string {
    return this._alias;
  }

  /** Aliases that the policy has gates for, in its order; those that are not there cannot be promoted to. */
  get aliases(): readonly string[] {
    return this._aliases;
  }

  /** What the gates of the alias say; null until the server has answered. */
  get answer(): Promotion | null {
    return this._answer;
  }

  /** The version that holds the alias now; null: none, or not known yet. */
  get holder(): string | null {
    return this._holder;
  }

  /** The gates are being asked. */
  get isAsking(): boolean {
    return this._isAsking;
  }

  /** How far the asking is; null: it is over, or nothing is known of it yet. */
  get asking(): Promotion['asking'] {
    return this._isAsking ? this._asking : null;
  }

  /** Why the last question or act failed. */
  get error(): Error | null {
    return this._error;
  }

  get act(): Act {
    return this._act;
  }

  get fields(): IPromotionFields {
    return this._fields;
  }

  /** Something is being done. */
  get busy(): Promise<Outcome | null> | null {
    return this._busy;
  }

  /** What came of the last act; null when there was none since the alias was chosen. */
  get outcome(): Outcome | null {
    return this._outcome;
  }

  /** Why an act cannot be begun; null: it can. */
  hindrance(act: Act): Hindrance | null {
    if (this._busy !== null) {
      return 'busy';
    }
    if (act === 'decide') {
      return null;
    }
    if (this._answer === null) {
      return this._isAsking ? 'asking' : 'not-known';
    }
    if (act === 'roll-back') {
      return this._holder === null ? 'no-holder' : null;
    }
    if (this._isAsking) {
      return 'asking';
    }
    if (this._holder === this.version) {
      return 'held';
    }
    const refuses = this._answer.failing.length > 0;
    return act === 'promote' ? (refuses ? 'refused' : null) : refuses ? null : 'passed';
  }

  /** Why the act whose form is open cannot be done with what is filled in; null: it can. */
  get hindranceNow(): Hindrance | null {
    const { reason, meaning, decision } = this._fields;
    const wantsReason = this._act === 'override' || this._act === 'decide';
    const wantsMeaning = this._act === 'decide' && decision === 'approve';
    const lacks = (wantsReason && reason.trim() === '') || (wantsMeaning && meaning.trim() === '');
    return this.hindrance(this._act) ?? (lacks ? 'words' : null);
  }

  /** Ask the gates; what all of them said before stays until all have answered again. Never rejects. */
  async load(): Promise<void> {
    const asked = ++this._asked;
    this._isAsking = true;
    this._asking = null;
    this._error = null;
    this._changed.emit();
    try {
      let ticket: string | undefined;
      do {
        const answer = await api.gates(this.client, this.path, this.name, this.version, this._alias, ticket);
        if (asked !== this._asked) {
          return;
        }
        this._hear(answer);
        ticket = answer.asking?.ticket;
      } while (ticket !== undefined);
    } catch (error) {
      if (asked === this._asked) {
        this._error = asError(error);
        this._answer = this._answer?.asking ? null : this._answer; // a part of the answers is none
      }
    }
    if (asked === this._asked) {
      this._isAsking = false;
      this._changed.emit();
    }
  }

  /** Turn to another alias. Never rejects. */
  choose(alias: string): Promise<void> {
    this._alias = alias;
    this._answer = null;
    this._holder = null;
    this._outcome = null;
    this.open('promote');
    return this.load();
  }

  /** Open the form of an act, empty; `promote`: close it. */
  open(act: Act): void {
    this._act = act;
    this._fields = EMPTY;
    this._error = null;
    this._changed.emit();
  }

  fill(fields: Partial<IPromotionFields>): void {
    this._fields = { ...this._fields, ...fields };
    this._changed.emit();
  }

  /** Do the act whose form is open; what is refused is the error, and the form stays. Never rejects. */
  submit(): Promise<Outcome | null> {
    if (this.hindranceNow !== null) {
      return this._busy ?? Promise.resolve(null);
    }
    this._error = null;
    this._outcome = null;
    this._busy = this._do();
    this._changed.emit();
    return this._busy;
  }

  private async _do(): Promise<Outcome | null> {
    let outcome: Outcome | null = null;
    try {
      outcome = await this._send();
    } catch (error) {
      this._error = asError(error);
    }
    this._busy = null;
    if (outcome !== null) {
      this._outcome = outcome;
      this.open('promote');
      this._follow(outcome);
    }
    this._changed.emit();
    return outcome;
  }

  private async _send(): Promise<Outcome> {
    const { client, path, name, version } = this;
    const alias = this._alias;
    const { decision, meaning } = this._fields;
    const reason = this._fields.reason.trim();
    if (this._act === 'decide') {
      const body = { decision, reason, meaning: decision === 'approve' ? meaning.trim() : null };
      return { kind: 'decided', answer: await api.decide(client, path, name, version, body) };
    }
    if (this._act === 'roll-back') {
      return { kind: 'rolled-back', answer: await api.rollBack(client, path, name, { alias, reason }) };
    }
    const body = this._act === 'override' ? { alias, override: reason } : { alias, reason };
    const answer = await api.promote(client, path, name, version, body);
    return { kind: answer.promoted ? 'promoted' : 'refused', answer };
  }

  /** What is known now: a promotion says what the gates said; after anything else they are asked again. */
  private _follow(outcome: Outcome): void {
    if (outcome.kind === 'promoted' || outcome.kind === 'refused') {
      this._take(outcome.answer);
      this._holder = outcome.kind === 'promoted' ? outcome.answer.version : outcome.answer.previous;
    } else {
      if (outcome.kind === 'rolled-back') {
        this._holder = outcome.answer.version;
      }
      void this.load();
    }
    if (outcome.kind === 'promoted' || outcome.kind === 'rolled-back') {
      this._moved.emit();
    }
  }

  /** What the gates have said until now. */
  private _hear(answer: Promotion): void {
    this._asking = answer.asking;
    if (answer.asking === null || this._answer === null || this._answer.asking !== null) {
      this._take(answer);
      this._alias = answer.alias;
      this._holder = answer.previous;
    }
    this._changed.emit();
  }

  private _take(answer: Promotion): void {
    this._answer = answer;
    this._aliases = answer.aliases;
  }

  private _alias: string;
  private _aliases: readonly string[] = [];
  private _answer: Promotion | null = null;
  private _holder: string | null = null;
  private _isAsking = false;
  private _asking: Promotion['asking'] = null;
  private _asked = 0;
  private _error: Error | null = null;
  private _act: Act = 'promote';
  private _fields: IPromotionFields = EMPTY;
  private _busy: Promise<Outcome | null> | null = null;
  private _outcome: Outcome | null = null;
  private readonly _changed = new Signal<PromotionModel, void>(this);
  private readonly _moved = new Signal<PromotionModel, void>(this);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
