# What is done when a run begins.

from imid.running.check_slurm import slurm_misfits
from imid.running.job_rate import lift_default_limit
from imid.running.outlast_slurm import stand_in


onstart:
    lift_default_limit(workflow.scheduler)
    # A run on Slurm is not ended by a controller that is away for a while.
    if workflow.executor_plugin.name == "slurm":
        for misfit in slurm_misfits():
            print(f"Warning: {misfit}", file=sys.stderr)
        stand_in()
