#!/usr/bin/env bash
# Fetch the human genome, its annotation and the hallmark gene sets, and check them.
#
#   reference/fetch.sh              into the folder in which this script lies
#
# Another release: GENCODE=48 MSIGDB=2025.1.Hs reference/fetch.sh; a mirror: GENCODE_FROM=URL and
# MSIGDB_FROM=URL. GENCODE publishes a checksum of each of its files, MSigDB none. What is there and
# whole is not fetched again, and what was cut off goes on where it ended.
set -euo pipefail
cd "$(dirname "$0")"

GENCODE=${GENCODE:-47}
MSIGDB=${MSIGDB:-2024.1.Hs}
GENCODE_FROM=${GENCODE_FROM:-https://ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human/release_$GENCODE}
MSIGDB_FROM=${MSIGDB_FROM:-https://data.broadinstitute.org/gsea-msigdb/msigdb/release/$MSIGDB}
GENOME=GRCh38.primary_assembly.genome.fa.gz
ANNOTATION=gencode.v$GENCODE.primary_assembly.annotation.gtf.gz
GENE_SETS=h.all.v$MSIGDB.symbols.gmt

command -v curl > /dev/null || {
    echo "curl is needed, and is not on the PATH: install it, and run this again" >&2
    exit 1
}

fetch() { # URL FILE
    curl --fail --location --progress-bar --retry 3 --continue-at - --output "$2" "$1" || {
        echo "Could not fetch $1" >&2
        exit 1
    }
}

# The checksum that GENCODE published of a file.
published() { # PUBLISHED_NAME
    awk -v name="$1" '{ sub(/^.*\//, "", $2) } $2 == name { print $1 }' MD5SUMS
}

is_whole() { # FILE CHECKSUM
    [ -e "$1" ] && md5sum --status --check <<< "$2  $1"
}

fetch_checked() { # PUBLISHED_NAME FILE
    local checksum
    checksum=$(published "$1")
    [ -n "$checksum" ] || {
        echo "MD5SUMS of GENCODE $GENCODE has no $1: is there such a release?" >&2
        exit 1
    }
    echo "$2: $1"
    if is_whole "$2" "$checksum"; then return; fi
    # It may be all there, and the script was ended before it had its name.
    is_whole "$2.part" "$checksum" || fetch "$GENCODE_FROM/$1" "$2.part"
    is_whole "$2.part" "$checksum" || {
        rm "$2.part"
        echo "$2: was not the $1 that GENCODE published, and is removed; run this again" >&2
        exit 1
    }
    mv "$2.part" "$2"
}

rm -f MD5SUMS
fetch "$GENCODE_FROM/MD5SUMS" MD5SUMS
fetch_checked "$GENOME" genome.fa.gz
fetch_checked "$ANNOTATION" annotation.gtf.gz

echo "hallmark.gmt: $GENE_SETS"
rm -f hallmark.gmt.part
fetch "$MSIGDB_FROM/$GENE_SETS" hallmark.gmt.part
awk -F '\t' 'NF < 3 { exit 1 } END { if (NR != 50) exit 1 }' hallmark.gmt.part || {
    echo "hallmark.gmt: $MSIGDB_FROM/$GENE_SETS is no file of the 50 hallmark gene sets" >&2
    exit 1
}
mv hallmark.gmt.part hallmark.gmt
