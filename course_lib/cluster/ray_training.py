"""The same training on a Ray cluster: Ray Train places the workers, watches them, and begins again where one dies."""

import os
import pickle

from course_lib.cluster.address import Cluster
from course_lib.cluster.ray_runtime import connected, size_of
from course_lib.cluster.workers import ERROR, Job, train
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.files import write_text


def run(cluster: Cluster, job: Job, most_failures: int) -> int:
    """Train on a cluster; the first worker leaves the result in the job's folder, which all machines see.

    Args:
        cluster: where.
        job: what each worker has to know.
        most_failures: workers lost before the run is given up.

    Returns:
        How often all began again.

    Raises:
        BadInput, CourseError: what a worker says of its inputs; or too many were lost.
    """
    with connected(cluster):
        from ray.train import FailureConfig, RunConfig, ScalingConfig
        from ray.train.tensorflow import TensorflowTrainer

        workers, cards = size_of(cluster)
        trainer = TensorflowTrainer(
            _loop,
            train_loop_config={"job": pickle.dumps(job)},
            scaling_config=ScalingConfig(
                num_workers=workers, use_gpu=bool(cards), placement_strategy="SPREAD"
            ),
            run_config=RunConfig(
                name="run",
                storage_path=str(job.folder / "ray"),
                failure_config=FailureConfig(max_failures=most_failures),
            ),
        )
        try:
            trainer.fit()
        except Exception as error:
            if (job.folder / ERROR).is_file():
                raise BadInput((job.folder / ERROR).read_text()) from error
            raise CourseError(f"The workers ended before their work did: {first_line(error)}") from error
    return len(list(job.folder.glob("start-*"))) - 1


def _loop(config: dict) -> None:
    """Do what one worker does; Ray Train has set TF_CONFIG, with the addresses of all."""
    import ray.train

    # Ray asks TensorFlow for the Keras of old; this course is written for Keras 3.
    os.environ.pop("TF_USE_LEGACY_KERAS", None)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    job, context = pickle.loads(config["job"]), ray.train.get_context()
    if context.get_world_rank() == 0:
        (job.folder / f"start-{os.getpid()}").touch()
    try:
        train(job, context.get_world_rank(), context.get_world_size())
    except CourseError as error:
        write_text(job.folder / ERROR, str(error))
        raise
