# A run on Slurm is not ended by a controller that is away for a while.

from imid.running.check_slurm import slurm_misfits
from imid.running.outlast_slurm import stand_in


onstart:
    if workflow.executor_plugin.name == "slurm":
        for misfit in slurm_misfits():
            print(f"Warning: {misfit}", file=sys.stderr)
        stand_in()
