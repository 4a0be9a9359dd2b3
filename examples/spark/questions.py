"""Questions to an archive by Spark, for logs that are too large for one machine: `python questions.py DIR`.

Needs pyspark and Java 17 or newer, and nothing of Tidemark: an archive is Parquet and JSON (docs/archive-format.md). It
prints, as JSON, how many events there are of each type, and what was paid in by currency, in minor units.
"""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as of


def segments(archive: Path) -> list[str]:
    """The files of events that the manifest names; others in the folder are no part of the archive."""
    text, _, _ = (archive / "manifest").read_text(encoding="utf-8").partition("\n\n")
    return [str(archive / segment["name"]) for segment in json.loads(text)["events"]["segments"]]


def main() -> None:
    """Ask both questions in one session, on all cores of this machine unless spark-submit says otherwise."""
    spark = SparkSession.builder.appName("questions").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    events = spark.read.parquet(*segments(Path(sys.argv[1])))
    types = {row["type"]: row["count"] for row in events.groupBy("type").count().collect()}
    paid = (
        events.where(of.col("type") == "account.money_deposited")
        .select(of.get_json_object("data", "$.currency").alias("currency"), of.get_json_object("data", "$.amount"))
        .toDF("currency", "amount")
        .groupBy("currency")
        .agg(of.sum(of.col("amount").cast("decimal(38,0)")).alias("amount"))
    )
    paid_in = {row["currency"]: int(row["amount"]) for row in paid.collect()}
    sys.stdout.write(json.dumps({"types": types, "paid_in": paid_in}, sort_keys=True) + "\n")
    spark.stop()


if __name__ == "__main__":
    main()
