#!/usr/bin/env bash
# Make sure of what a run or the tests need: the Python environment in .venv, and programs.
#
#   envs/provide.sh environment             .venv from requirements.lock, and our package in it
#   envs/provide.sh programs PROGRAM ...    each on the PATH, else by conda, else from Debian
#   envs/provide.sh peers PROGRAM ...       each on the PATH, else from Debian, else do without;
#                                           R:NAME is a package of R
#
# `programs` leaves in .venv/deployment the options that snakemake needs to find them.
set -euo pipefail
cd "$(dirname "$0")/.."

# The Debian package that holds a program, where it is not called as the program is, or a package
# of R.
declare -A PACKAGE=(
    [STAR]=rna-star [featureCounts]=subread [PicardCommandLine]=picard-tools
    [R:DESeq2]=r-bioc-deseq2 [R:edgeR]=r-bioc-edger [R:statmod]=r-cran-statmod
    [sbatch]=slurm-client [munged]=munge
)

apt_install() {
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    command -v apt-get > /dev/null || return 1
    [ ${#as_root[@]} = 0 ] || "${as_root[@]}" true 2> /dev/null || return 1
    echo "Installing from Debian's packages: $*"
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}

environment() {
    if [ -e .venv/complete ] && cmp -s requirements.lock .venv/complete; then return; fi
    local python=${PYTHON:-python3}
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "Python 3.11 or later is needed; $python is $("$python" --version 2>&1)." \
            "Name another: make PYTHON=python3.12 ..." >&2
        exit 1
    fi
    echo "Setting up .venv from requirements.lock (a few minutes the first time)"
    "$python" -m venv --clear .venv 2> /dev/null || {
        apt_install python3-venv && "$python" -m venv --clear .venv
    } || {
        echo "$python cannot make a virtual environment: install its venv module" \
            "(Debian: apt-get install python3-venv)." >&2
        exit 1
    }
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
    # So that `python -m imid...` is found wherever one stands; rules and tests name this checkout.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
    cp requirements.lock .venv/complete
}

conda_program() {
    local program
    for program in conda mamba; do
        if command -v "$program"; then return; fi
    done
    return 1
}

programs() {
    local program missing=() packages=()
    : > .venv/deployment
    for program in "$@"; do
        command -v "$program" > /dev/null || missing+=("$program")
    done
    if [ ${#missing[@]} = 0 ]; then return; fi
    if conda_program > /dev/null; then
        echo "Not on the PATH: ${missing[*]}; conda will provide them."
        echo "--software-deployment-method conda" > .venv/deployment
        return
    fi
    for program in "${missing[@]}"; do packages+=("${PACKAGE[$program]:-$program}"); done
    apt_install "${packages[@]}" || {
        echo "These programs are missing: ${missing[*]}. Install them so that they are on the" \
            "PATH (Debian: apt-get install ${packages[*]}), or install conda." >&2
        exit 1
    }
}

is_there() {
    case $1 in
        R:*) Rscript -e "quit(status = !requireNamespace('${1#R:}', quietly = TRUE))" ;;
        *) command -v "$1" ;;
    esac > /dev/null 2>&1
}

peers() {
    local program packages=()
    for program in "$@"; do
        is_there "$program" || packages+=("${PACKAGE[$program]:-$program}")
    done
    if [ ${#packages[@]} = 0 ]; then return; fi
    apt_install "${packages[@]}" ||
        echo "Not installed: ${packages[*]}. The tests that need them will be skipped."
}

"$@"
