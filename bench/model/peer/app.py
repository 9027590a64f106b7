"""The document's server in its final form, with psycopg2 as the only shortcut: the peer to compare with."""
import json
import os
import pickle

import pandas as pd
import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
model = os.environ["MODEL"]
with open(os.path.join(model, "columns.json")) as file:
    columns = json.load(file)
with open(os.path.join(model, "pipeline.pickle"), "rb") as file:
    pipeline = pickle.load(file)
with open(os.path.join(model, "dtypes.pickle"), "rb") as file:
    dtypes = pickle.load(file)
database = psycopg2.connect(os.environ["DATABASE_URL"])
with database, database.cursor() as cursor:
    cursor.execute("select pg_advisory_xact_lock(1)")
    cursor.execute("create table if not exists prediction (id serial primary key, observation_id bigint unique not null,"
                   " observation text not null, proba double precision not null, true_class integer)")


@app.route("/predict", methods=["POST"])
def predict():
    payload = request.get_json()
    observation = pd.DataFrame([payload["observation"]], columns=columns).astype(dtypes)
    proba = float(pipeline.predict_proba(observation)[0, 1])
    with database, database.cursor() as cursor:
        cursor.execute("insert into prediction (observation_id, observation, proba) values (%s, %s, %s)",
                       (payload["id"], request.data.decode(), proba))
    return jsonify({"proba": proba})
