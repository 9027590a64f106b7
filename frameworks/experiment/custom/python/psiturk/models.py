import csv
import datetime
import io
import json

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, String, Text, event, func
from sqlalchemy.orm import declarative_base, deferred

from . import STUDY, rules
from .db import db_session

CODE_VERSION = STUDY["codeVersion"]

Base = declarative_base()
Base.query = db_session.query_property()


class Participant(Base):
    """One row of the table of participants."""

    __tablename__ = STUDY["tables"]["assignments"]

    uniqueid = Column(String(128), primary_key=True)
    assignmentid = Column(String(128), nullable=False)
    workerid = Column(String(128), nullable=False)
    hitid = Column(String(128), nullable=False)
    ipaddress = Column(String(128))
    browser = Column(String(128))
    platform = Column(String(128))
    language = Column(String(128))
    cond = Column(Integer)
    counterbalance = Column(Integer)
    codeversion = Column(String(128))
    beginhit = Column(DateTime)
    beginexp = Column(DateTime)
    endhit = Column(DateTime)
    bonus = Column(Float, default=0)
    status = Column(Integer, default=1)
    mode = Column(String(128))
    datastring = deferred(Column(Text))

    def __init__(self, **kwargs):
        self.uniqueid = "{workerid}:{assignmentid}".format(**kwargs)
        self.status = 1
        self.codeversion = CODE_VERSION
        self.beginhit = datetime.datetime.utcnow()
        for key, value in kwargs.items():
            setattr(self, key, value)

    def __repr__(self):
        return "Subject(uniqueid|%s, condition|%s, status|%s, codeversion|%s)" % (
            self.uniqueid,
            self.cond,
            self.status,
            self.codeversion,
        )

    def object_as_dict(self, filter_these=()):
        names = [column.key for column in self.__table__.columns]
        return {name: getattr(self, name) for name in names if name not in filter_these}

    def get_trial_data(self):
        return self._lines(
            "data",
            lambda trial: (
                trial["current_trial"],
                trial["dateTime"],
                json.dumps(trial["trialdata"]),
            ),
        )

    def get_event_data(self):
        names = ("eventtype", "interval", "value", "timestamp")
        return self._lines("eventdata", lambda one: tuple(one[name] for name in names))

    def get_question_data(self):
        return self._lines("questiondata", lambda pair: pair)

    def _lines(self, part, columns):
        try:
            found = json.loads(self.datastring)[part]
        except (TypeError, ValueError, KeyError):
            print("No %s found in record: %r" % (part, self))
            return ""
        out = io.StringIO()
        writer = csv.writer(out)
        try:
            for one in found.items() if isinstance(found, dict) else found:
                writer.writerow((self.uniqueid,) + columns(one))
        except Exception:
            print("Error reading record: %r" % self)
            return ""
        return out.getvalue()

    @classmethod
    def count_completed(cls, codeversion, mode):
        return (
            cls.query.with_entities(func.count())
            .filter(cls.status.in_([3, 4, 5, 7]), cls.codeversion == codeversion, cls.mode == mode)
            .scalar()
        )

    @classmethod
    def all_but_datastring(cls):
        columns = [column for column in cls.__table__.c if column.name != "datastring"]
        return cls.query.with_entities(*columns).all()


class Hit(Base):
    __tablename__ = STUDY["tables"]["hits"]
    hitid = Column(String(128), primary_key=True)


class Campaign(Base):
    __tablename__ = STUDY["tables"]["campaigns"]
    id = Column(Integer, primary_key=True)
    codeversion = Column(String(128), nullable=False)
    mode = Column(String(128), nullable=False)
    goal = Column(Integer, nullable=False)
    minutes_between_rounds = Column(Integer, nullable=False)
    assignments_per_round = Column(Integer, nullable=False)
    hit_reward = Column(Float, nullable=False)
    hit_duration_hours = Column(Float, nullable=False)
    is_active = Column(Boolean, default=True)
    created = Column(DateTime, default=datetime.datetime.utcnow)
    ended = Column(DateTime, default=None)


@event.listens_for(db_session.session_factory, "before_flush")
def _keep_rules(session, context, instances):
    for one in list(session.dirty) + list(session.new):
        if isinstance(one, Participant):
            rules.apply(session, one)
