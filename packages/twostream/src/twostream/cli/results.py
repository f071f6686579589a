"""Every result that a verb tells, as the command line shows it."""

from __future__ import annotations

from twostream.prediction.results import Prediction
from twostream.preparation.outcome import Preparation
from twostream.verbs import found, written
from twostream.verbs import results as of_verbs


def show_result(result: object) -> None:
    """Print a result on standard output; what has no table of its own is not shown."""
    # Each table is loaded when it is needed.
    from twostream.cli.tables import small
    from twostream.cli.tables.lines import print_at_once

    match result:
        case Preparation():
            from twostream.cli.tables.preparation import print_preparation

            print_preparation(result)
        case of_verbs.Planned(plan, folder):
            from twostream.cli.tables.preparation import print_plan

            print_plan(plan, folder)
        case of_verbs.TrainingBegins():
            from twostream.cli.tables.results import print_training_begins

            print_training_begins(result)
        case of_verbs.Trained():
            from twostream.cli.tables.results import print_trained

            print_trained(result)
        case of_verbs.Evaluation():
            from twostream.cli.tables.results import print_evaluation

            print_evaluation(result)
        case of_verbs.Checked(checked):
            from twostream.cli.tables.check import print_check

            print_check(checked)
        case of_verbs.Comparison():
            from twostream.cli.tables.comparison import print_comparison

            print_comparison(result)
        case written.ReportPage():
            small.print_report(result)
        case written.ExplorationPage():
            small.print_exploration(result)
        case written.Bundle():
            small.print_bundle(result)
        case written.Export():
            small.print_export(result)
        case written.Published():
            small.print_published(result)
        case written.Fetched():
            small.print_fetched(result)
        case written.Download():
            small.print_download(result)
        case written.ListFiles():
            small.print_lists(result)
        case of_verbs.SplitTable():
            from twostream.cli.tables.splits import print_split_table

            print_split_table(result)
        case found.Bouts():
            from twostream.cli.tables.bouts import print_bouts

            print_bouts(result)
        case found.Review():
            from twostream.cli.tables.bouts import print_review

            print_review(result)
        case of_verbs.Machine():
            small.print_machine(result)
        case written.FeatureFile():
            small.print_features(result)
        case found.SimilarMoments():
            small.print_similar(result)
        case found.Backbones():
            from twostream.cli.tables.backbones import print_backbones

            print_backbones(result)
        case Prediction():
            from twostream.cli.tables.prediction import print_prediction

            print_prediction(result)
        case found.Seen():
            from twostream.cli.tables.prediction import print_seen

            print_seen(result)
        case of_verbs.JsonLine(text):
            print_at_once(text)
        case of_verbs.FlowComparison():
            small.print_flow_comparison(result)
