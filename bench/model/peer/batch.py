"""Milliseconds that scikit-learn takes for a frame of many rows. usage: batch.py MODEL ROWS.json"""
import json
import pickle
import sys
import time

import joblib
import pandas as pd

model, rows = sys.argv[1:]
pipeline = joblib.load(f"{model}/pipeline.pickle")
with open(f"{model}/columns.json") as file:
    columns = json.load(file)
with open(f"{model}/dtypes.pickle", "rb") as file:
    dtypes = pickle.load(file)
with open(rows) as file:
    frame = pd.DataFrame(json.load(file), columns=columns).astype(dtypes)
best = float("inf")
for _ in range(7):
    start = time.perf_counter()
    pipeline.predict_proba(frame)
    best = min(best, time.perf_counter() - start)
print(best * 1000)
