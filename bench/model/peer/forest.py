"""Trains a forest whose file has about 100 MB. usage: forest.py FOLDER"""
import json
import os
import pickle
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
rs = np.random.RandomState(1)
frame = pd.DataFrame(rs.rand(30000, 8), columns=[f"x{i}" for i in range(8)])
target = (frame.sum(axis=1) + rs.normal(0, 2, len(frame)) > 4).astype(int)
model = RandomForestClassifier(115, random_state=1, n_jobs=2).fit(frame, target)
for name, value in (("pipeline.pickle", model), ("dtypes.pickle", frame.dtypes)):
    with open(os.path.join(folder, name), "wb") as file:
        pickle.dump(value, file)
with open(os.path.join(folder, "columns.json"), "w") as file:
    json.dump(list(frame.columns), file)
