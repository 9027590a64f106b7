"""Linear and tree models on synthetic passengers, each in a folder of its own. usage: families.py FOLDER"""
import json
import os
import sys

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

ROWS = 10_000
random = np.random.default_rng(7)
rows = pd.DataFrame({
    "Pclass": random.integers(1, 4, ROWS),
    "Sex": random.choice(["male", "female"], ROWS),
    "Age": np.where(random.random(ROWS) < 0.2, np.nan, random.normal(30, 14, ROWS).round(1)),
    "SibSp": random.integers(0, 5, ROWS),
    "Parch": random.integers(0, 4, ROWS),
    "Fare": random.gamma(2, 16, ROWS).round(4),
    "Embarked": random.choice(["S", "C", "Q"], ROWS),
})
score = (rows["Sex"] == "female") * 1.5 - rows["Pclass"] * 0.7 - rows["Age"].fillna(30) / 60 + random.normal(0, 0.7, ROWS)
two = (score > score.median()).astype(int)
three = pd.qcut(score, 3, labels=False)

numbers = ["Pclass", "Age", "SibSp", "Parch", "Fare"]
words = ["Sex", "Embarked"]


def prepared(model):
    return make_pipeline(
        ColumnTransformer([
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore"), words),
        ], sparse_threshold=0),
        model,
    )


MODELS = {
    "logistic regression": (LogisticRegression(max_iter=1000), two),
    "logistic regression, 3 classes": (LogisticRegression(max_iter=1000), three),
    "SGD, log loss": (SGDClassifier(loss="log_loss", random_state=1), two),
    "tree": (DecisionTreeClassifier(random_state=1), two),
    "random forest": (RandomForestClassifier(n_estimators=100, random_state=1), two),
    "random forest, depth 5": (RandomForestClassifier(n_estimators=100, max_depth=5, random_state=1), two),
    "extra trees": (ExtraTreesClassifier(n_estimators=100, random_state=1), two),
    "bagging": (BaggingClassifier(n_estimators=20, random_state=1), two),
    "AdaBoost": (AdaBoostClassifier(n_estimators=50, random_state=1), two),
    "AdaBoost, 3 classes": (AdaBoostClassifier(n_estimators=50, random_state=1), three),
    "gradient boosting": (GradientBoostingClassifier(random_state=1), two),
    "gradient boosting, 3 classes": (GradientBoostingClassifier(random_state=1), three),
    "histogram boosting": (HistGradientBoostingClassifier(random_state=1), two),
    "histogram boosting, 3 classes": (HistGradientBoostingClassifier(random_state=1), three),
}

for name, (model, target) in MODELS.items():
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder)
    joblib.dump(prepared(model).fit(rows, target), os.path.join(folder, "pipeline.pickle"))
    joblib.dump(rows.dtypes, os.path.join(folder, "dtypes.pickle"))
    with open(os.path.join(folder, "columns.json"), "w") as file:
        json.dump(list(rows.columns), file)
    with open(os.path.join(folder, "rows.json"), "w") as file:
        file.write(rows.to_json(orient="records"))
