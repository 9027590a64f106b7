#!/usr/bin/env python3
"""Trains a survival model on made-up passengers and writes what model-server serves.

usage: python train.py          (needs scikit-learn and pandas)
"""
import json
import pickle

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def passengers(count, seed):
    """Passengers whose chances depend on sex, class, age and family, roughly as everybody knows."""
    random = np.random.RandomState(seed)
    pclass = random.choice([1, 2, 3], count, p=[.24, .21, .55])
    sex = random.choice(["male", "female"], count, p=[.64, .36])
    age = np.round(np.clip(random.normal(33 - 3 * pclass, 13, count), .5, 80), 1)
    sibsp, parch = random.poisson(.5, count), random.poisson(.4, count)
    fare = np.round(np.exp(random.normal(4.8 - .8 * pclass, .5, count)), 2)
    cabin = [f"{random.choice(list('ABCDE'))}{random.randint(1, 120)}" if c < 3 and random.rand() < .6 else None for c in pclass]
    embarked = random.choice(["S", "C", "Q", None], count, p=[.71, .19, .09, .01])
    logit = 2.4 * (sex == "female") - 1.1 * (pclass - 2) - .035 * (age - 30) - .3 * sibsp - 1.1
    survived = (random.rand(count) < 1 / (1 + np.exp(-logit))).astype(int)
    age[random.rand(count) < .2] = np.nan
    return pd.DataFrame({"Pclass": pclass, "Sex": sex, "Age": age, "SibSp": sibsp, "Parch": parch, "Fare": fare,
                         "Cabin": cabin, "Embarked": embarked}), survived


def main():
    frame, survived = passengers(2000, 1912)
    train, test, train_y, test_y = train_test_split(frame, survived, test_size=.25, random_state=1)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    pipeline = make_pipeline(
        ColumnTransformer([("numbers", numbers, ["Age", "SibSp", "Parch", "Fare"]),
                           ("categories", categories, ["Pclass", "Sex", "Embarked"])]),
        LogisticRegression(max_iter=500))
    pipeline.fit(train, train_y)
    print(f"accuracy on passengers it has not seen: {pipeline.score(test, test_y):.3f}")

    with open("pipeline.pickle", "wb") as file:
        pickle.dump(pipeline, file, protocol=4)
    with open("dtypes.pickle", "wb") as file:
        pickle.dump(train.dtypes, file, protocol=4)
    with open("columns.json", "w") as file:
        json.dump(list(train.columns), file)

    # The build compares these answers with those of model-server before anything goes live.
    requests, expected = [], []
    for number, (_, row) in enumerate(test.head(20).iterrows()):
        observation = {name: None if pd.isna(value) else getattr(value, "item", lambda value=value: value)() for name, value in row.items()}
        one = pd.DataFrame([observation], columns=train.columns).astype(train.dtypes)
        requests.append({"id": number, "observation": observation})
        expected.append({"id": number, "predict_proba": pipeline.predict_proba(one)[0].tolist(), "predict": int(pipeline.predict(one)[0])})
    for name, rows in (("requests.json", requests), ("expected.json", expected)):
        with open(name, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
