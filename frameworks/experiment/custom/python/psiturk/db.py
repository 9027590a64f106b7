from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from . import STUDY

engine = create_engine(
    STUDY["databaseUrl"],
    pool_size=STUDY["connections"],
    max_overflow=0,
    pool_pre_ping=True,
    connect_args={"application_name": "psiturk custom.py"},
)

db_session = scoped_session(sessionmaker(autoflush=False, bind=engine))


def init_db():
    from .models import Base

    Base.metadata.create_all(bind=engine)
