"""Promotions of one project: gates, promote, rollback, approve, reject."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..audit.actor import Actor, current_actor
from ..audit.project import ProjectAudit
from ..config import Destination, Project
from ..errors import NotFound, Refused, UsageError
from ..store.base import Store, StoredVersion
from ..text.present import printable
from .answers import DecisionOutcome, PromotionOutcome, RollbackOutcome
from .history import ALIAS_TYPE, OVERRIDE, PROMOTE, REFUSED, alias_id
from .locking import only_one, place_of
from .moving import Move, carry_out, holder_of
from .register import check_names

if TYPE_CHECKING:  # a rollback needs neither gates nor policy, and must be quick
    from .facts import Facts
    from .judge import Say
    from .kept import KeptAnswers
    from .policy import Policy


class Promotions:
    """Promotions of the registered versions of one destination.

    :param open_store: gives the store, or None while nothing was ever published.
    """

    def __init__(self, project: Project, target: Destination, open_store: Callable[[], Store | None]) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._audit = ProjectAudit(project, open_store)
        self._log = self._audit.log

    @cached_property
    def _store(self) -> Store:
        """The store that holds the registered versions.

        :raises NotFound: nothing was ever published. StoreUnavailable: it cannot be opened.
        """
        store = self._open_store()
        if store is None:
            raise NotFound("Nothing has been published here yet, so there is no model.", next="Register a run first.")
        return store

    def init(self) -> tuple[list[str], list[str]]:
        """Write the default policy and an empty model card if they are missing: (written, were there).

        :raises UsageError: the folder cannot be written.
        """
        from .policy import write_templates

        written, kept = write_templates(self._project.root)
        return [str(path) for path in written], [str(path) for path in kept]

    def version(self, text: str) -> StoredVersion:
        """The version named by ``NAME@VERSION``, ``NAME@ALIAS`` or ``NAME`` (its newest).

        :raises NotFound: there is none.
        """
        name, at, which = text.strip().rpartition("@")
        if at and name and which:
            try:
                return self._store.model_version(name, which if which.isdecimal() else f"@{which}")
            except (NotFound, Refused):
                pass  # the name itself may have an @
        found = self._store.models(text.strip()) if text.strip() else []
        if not found:
            raise NotFound(
                f"There is no registered model version {printable(text)[:200]!r}.",
                next="List the versions with: jupyter bioml models. Write NAME, NAME@3 or NAME@champion.",
            )
        return max(found, key=lambda version: int(version.version) if version.version.isdecimal() else 0)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The policy's aliases, in its order.

        :raises UsageError: a policy that cannot be read.
        """
        from .policy import load_policy

        return tuple(load_policy(self._project.root).aliases)

    # -- promoting -------------------------------------------------------------------------------

    def gates(self, text: str, alias: str, *, say: Say | None = None) -> PromotionOutcome:
        """Check a version against the alias's gates; nothing is moved or logged.

        :raises UsageError: a policy that cannot be read. Refused: it does not know the alias.
        """
        from .model_digest import known_digest

        policy, version, kept = self._policy(alias), self.version(text), self._kept
        with self._facts(version, alias, current_actor(), lambda folder: known_digest(kept, folder)) as facts:
            return dataclasses.replace(self._answer(facts, policy, say, looks=True), dry_run=True)

    def unasked(self, text: str, alias: str) -> PromotionOutcome:
        """What is known of a version and an alias before their gates are asked."""
        policy = self._policy(alias)
        return dataclasses.replace(
            self._begun(self._facts(self.version(text), alias, current_actor()), policy), dry_run=True
        )

    def promote(
        self, text: str, alias: str, *, reason: str = "", override: str | None = None, say: Say | None = None
    ) -> PromotionOutcome:
        """Check the gates of an alias, and point it at the version if all pass.

        A refusal is an answer (``promoted`` is False, ``failing`` names the gates), and is logged.

        :param override: why it is promoted despite failing gates; permanently marked on the version.
        :raises UsageError: an empty override, a policy that cannot be read.
        :raises Refused: the policy does not know the alias; or somebody else moves it at the same time.
        :raises JournalError: the audit log cannot be written; StoreUnavailable: MLflow does not answer.
        """
        if override is not None and not override.strip():
            raise UsageError("An override requires a reason; nothing was done.", next='Write: --override "why"')
        policy, version, actor = self._policy(alias), self.version(text), current_actor()
        with only_one(self._target, version.name, alias, actor), self._facts(version, alias, actor) as facts:
            answer = self._answer(facts, policy, say, looks=False)
            if answer.failing and override is None:
                return self._refused(answer, reason, actor)
            if answer.previous == version.version:
                return dataclasses.replace(answer, promoted=True, notes=("The version already holds the alias.",))
            return self._moved(facts, policy, answer, reason, override if answer.failing else None)

    def _policy(self, alias: str) -> Policy:
        from .policy import load_policy

        check_names("model", alias, {})
        policy = load_policy(self._project.root)
        policy.rules(alias)
        return policy

    @cached_property
    def _kept(self) -> KeptAnswers:
        from .kept import KeptAnswers

        return KeptAnswers.of(self._project, self._target)

    def _facts(
        self, version: StoredVersion, alias: str, actor: Actor, digest_of: Callable[[Path], str] | None = None
    ) -> Facts:
        from .facts import Facts

        return Facts(
            self._project, lambda: self._store, version, alias, holder=holder_of(self._store, version.name, alias),
            actor=actor, now=time.time(), read_events=self._audit.sound_events, digest_of=digest_of,
        )  # fmt: skip

    def _answer(self, facts: Facts, policy: Policy, say: Say | None, *, looks: bool) -> PromotionOutcome:
        from .judge import judged

        rules = policy.rules(facts.alias)
        answers = judged(facts, rules, self._target, self._kept, looks=looks, say=say)
        return dataclasses.replace(self._begun(facts, policy), gates=answers)

    @staticmethod
    def _begun(facts: Facts, policy: Policy) -> PromotionOutcome:
        version = facts.version
        return PromotionOutcome(
            model=version.name,
            version=version.version,
            alias=facts.alias,
            run_id=version.run_id,
            promoted=False,
            previous=facts.holder.version if facts.holder is not None else None,
            policy=policy.source,
            policy_sha256=policy.sha256,
            gates=(),
        )

    def _refused(self, answer: PromotionOutcome, reason: str, actor: Actor) -> PromotionOutcome:
        held = {"version": answer.previous, "place": place_of(self._target)}
        event = self._log.append(
            REFUSED, ALIAS_TYPE, alias_id(answer.model, answer.alias), old=held,
            new={
                **held, "wanted": answer.version, "run_id": answer.run_id, "policy_sha256": answer.policy_sha256,
                "failing": {gate.gate: gate.said for gate in answer.failing},
            },
            reason=reason, actor=actor,
        )  # fmt: skip
        return dataclasses.replace(answer, event=event.hash)

    def _moved(
        self, facts: Facts, policy: Policy, answer: PromotionOutcome, reason: str, override: str | None
    ) -> PromotionOutcome:
        from .evidence import evidence_of

        evidence = evidence_of(facts, policy, answer)
        failing = ", ".join(gate.gate for gate in answer.failing)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(facts.now))
        mark = f"{facts.alias} {stamp} {facts.actor.id}: {override} (gates: {failing})"
        event, notes = carry_out(
            self._store,
            self._log,
            Move(
                action=PROMOTE if override is None else OVERRIDE,
                name=answer.model,
                alias=answer.alias,
                old=facts.holder,
                new=facts.version,
                reason=reason if override is None else override,
                actor=facts.actor,
                place=place_of(self._target),
                model_sha256=evidence.model_sha256,
                details={**evidence.details, **({"failing": failing} if override is not None else {})},
                files=evidence.files,
                override=None if override is None else mark,
            ),
        )
        return dataclasses.replace(
            answer, promoted=True, override=override, event=event.hash, notes=(*evidence.notes, *notes)
        )

    # -- going back ------------------------------------------------------------------------------

    def rollback(self, name: str, alias: str, *, reason: str = "", version: str | None = None) -> RollbackOutcome:
        """Point an alias back at a version that held it before (see :func:`~.going_back.roll_back`)."""
        from .going_back import Rollback, roll_back

        check_names(name, alias, {})
        actor = current_actor()
        with only_one(self._target, name, alias, actor):
            asked = Rollback(self._audit.sound_events(), name, alias, place_of(self._target), version)
            return roll_back(self._store, self._log, asked, actor, reason)

    # -- deciding --------------------------------------------------------------------------------

    def approve(self, text: str, *, meaning: str, reason: str) -> DecisionOutcome:
        """Approve a version in one's own name (see :mod:`.deciding`)."""
        return self._decided(text, True, meaning, reason)

    def reject(self, text: str, *, reason: str) -> DecisionOutcome:
        """Reject a version; earlier approvals are void."""
        return self._decided(text, False, None, reason)

    def _decided(self, text: str, approves: bool, meaning: str | None, reason: str) -> DecisionOutcome:
        from .deciding import decide
        from .facts import Facts

        actor = current_actor()
        facts = Facts(
            self._project, lambda: self._store, self.version(text), "", holder=None, actor=actor, now=time.time(),
            read_events=self._audit.sound_events,
        )  # fmt: skip
        with facts:
            return decide(facts, self._log, approves=approves, meaning=meaning, reason=reason)
