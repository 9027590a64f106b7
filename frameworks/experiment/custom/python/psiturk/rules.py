"""What holds for a participant whoever writes: a paid status never falls, and a bonus that is no
sum to pay is stored with a mark that stops the payment until a person has looked at it."""
import logging
import math
import numbers

from sqlalchemy import inspect, text
from sqlalchemy.orm.attributes import set_committed_value

from . import STUDY
from .psiturk_statuses import BONUSED, CREDITED, SUBMITTED

# From these a status goes only upwards.
AFTER = {
    SUBMITTED: (SUBMITTED, CREDITED, BONUSED),
    CREDITED: (CREDITED, BONUSED),
    BONUSED: (BONUSED,),
}

log = logging.getLogger("custom.py")


def apply(session, participant):
    """Runs in the transaction of the study's code, before it writes this participant."""
    state = inspect(participant)
    changed = {name for name in ("status", "bonus", "datastring") if _has_changed(state, name)}
    if not changed:
        return
    stored = _lock(session, participant)
    if "status" in changed and stored is not None:
        _keep_status(participant, stored["status"])
    if "bonus" in changed:
        _check_bonus(session, participant, stored)
    if "datastring" in changed and stored is not None and participant.datastring is not None:
        _log_document(session, participant)


def _has_changed(state, name):
    return name in state.dict and state.attrs[name].history.has_changes()


def _lock(session, participant):
    table = participant.__table__
    row = session.connection().execute(
        text('select status, bonus from "%s" where uniqueid = :id for update' % table.name.replace('"', '""')),
        {"id": participant.uniqueid},
    ).first()
    return None if row is None else {"status": row[0], "bonus": row[1]}


def _keep_status(participant, stored):
    wanted = participant.status
    if wanted in AFTER.get(stored, (wanted,)) and isinstance(wanted, int):
        return
    log.warning("%s stays in status %s, not %r", participant.uniqueid, stored, wanted)
    set_committed_value(participant, "status", stored)


def _check_bonus(session, participant, stored):
    offered = participant.bonus
    number = _number(offered)
    reason = _fault(offered, number, stored)
    is_paid = stored is not None and stored["status"] in (CREDITED, BONUSED)
    if number is None or (reason is not None and is_paid):
        set_committed_value(participant, "bonus", 0 if stored is None else stored["bonus"])
    else:
        participant.bonus = number
    _mark(session, participant.uniqueid, reason, offered)


def _number(value):
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def _fault(offered, number, stored):
    if number is None:
        return "the bonus is not a number: %.100r" % (offered,)
    if number < 0:
        return "the bonus is negative: %s" % number
    if number > STUDY["maxBonus"]:
        return "the bonus is %s, and max_bonus is %s" % (number, STUDY["maxBonus"])
    if stored is None or stored["status"] not in (CREDITED, BONUSED):
        return None
    if number == (stored["bonus"] or 0):
        return None
    return "the bonus changed after approval, from %s to %s" % (stored["bonus"] or 0, number)


def _mark(session, uniqueid, reason, offered):
    values = {"study": STUDY["tables"]["study"], "id": uniqueid}
    connection = session.connection()
    if reason is None:
        connection.execute(
            text("delete from experiment_bonus_marks where study = :study and uniqueid = :id"), values
        )
        return
    log.warning("%s: %s", uniqueid, reason)
    connection.execute(
        text(
            "insert into experiment_bonus_marks (study, uniqueid, is_under_way, reason)"
            " values (:study, :id, false, :reason)"
            " on conflict (study, uniqueid) do update"
            " set is_under_way = false, reason = excluded.reason, marked_at = now()"
        ),
        dict(values, reason=reason),
    )


def _log_document(session, participant):
    """A document that the study's code replaces is a save like one of the browser."""
    session.connection().execute(
        text(
            "with noted as (insert into experiment_documents as d (study, uniqueid, version)"
            " values (:study, :id, 1) on conflict (study, uniqueid) do update"
            " set version = d.version + 1 returning version)"
            " insert into experiment_saves (study, uniqueid, version, is_current, body)"
            " select :study, :id, version, true, :body from noted"
        ),
        {
            "study": STUDY["tables"]["study"],
            "id": participant.uniqueid,
            "body": participant.datastring,
        },
    )
