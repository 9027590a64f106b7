"""Runs the bonus rule of a study's custom.py as psiTurk would: SQLite, SQLAlchemy, Flask.

python plain-bonus.py STUDY_FOLDER < {"uniqueid": "document text", ...}   prints {"uniqueid": bonus}
Runs on Python 2.7 with Flask 1.1 and SQLAlchemy 1.3, and on Python 3. Nothing of hokku is used.
"""
import json
import os
import sys
import types

from flask import Flask
from sqlalchemy import Column, Float, Integer, String, Text, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine(
    "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
)
db_session = scoped_session(sessionmaker(autoflush=False, bind=engine))
Base = declarative_base()
Base.query = db_session.query_property()


class Participant(Base):
    __tablename__ = "assignments"
    uniqueid = Column(String(128), primary_key=True)
    bonus = Column(Float, default=0)
    status = Column(Integer, default=1)
    hitid = Column(String(128))
    beginhit = Column(String(128))
    datastring = Column(Text)


class Anything(object):
    """Stands for what a bonus rule does not use."""

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        return lambda *args, **kwargs: args[0] if args and callable(args[0]) else None


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


module("psiturk")
module("psiturk.db", db_session=db_session, init_db=lambda: None)
module("psiturk.models", Participant=Participant)
module("psiturk.psiturk_config", PsiturkConfig=Anything)
module("psiturk.user_utils", PsiTurkAuthorization=Anything, nocache=lambda view: view)
module("psiturk.amt_services_wrapper", MTurkServicesWrapper=Anything)
errors = {name: type(name, (Exception,), {}) for name in ("ExperimentError", "InvalidUsageError", "InvalidUsage")}
module("psiturk.experiment_errors", **errors)

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[1])
Base.metadata.create_all(engine)
documents = json.load(sys.stdin)
for uniqueid, text in documents.items():
    db_session.add(Participant(uniqueid=uniqueid, bonus=0, datastring=text))
db_session.commit()

import custom  # noqa: E402

app = Flask("plain")
app.register_blueprint(custom.custom_code)
client = app.test_client()
result = {}
for uniqueid in documents:
    status = client.get("/compute_bonus", query_string={"uniqueId": uniqueid}).status_code
    db_session.remove()
    bonus = Participant.query.filter(Participant.uniqueid == uniqueid).one().bonus
    result[uniqueid] = {"status": status, "bonus": bonus}
sys.stdout.write(json.dumps(result))
