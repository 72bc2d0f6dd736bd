"""Makes the data files of examples/: reads of four samples and variant calls of three chromosomes.

In: nothing but the seed below. Out: examples/quality/reads/*.fastq.gz and examples/variants/calls/*.vcf. The files
are kept in the repository; this script says where they come from and makes the same ones again.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SEED = 20240501
READS_PER_FILE = 150
LONGEST_READ = 75

SAMPLES = [  # name, GC share, mean Phred quality at the start of a read, whether its reads are paired
    ("control_1", 0.41, 37, True),
    ("control_2", 0.42, 36, False),
    ("treated_1", 0.47, 36, True),
    ("treated_2", 0.46, 28, True),
]
CHROMOSOMES = [("chr20", 64_444_167), ("chr21", 46_709_983), ("chr22", 50_818_468)]
DONORS = ["NA12878", "NA12891"]


def reads(sample: str, gc: float, quality: int, mate: int, chance: random.Random) -> str:
    """FASTQ text in the style of an Illumina run: four lines for each read, base qualities falling along the read."""
    weights = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
    records = []
    for number in range(READS_PER_FILE):
        length = LONGEST_READ if chance.random() < 0.8 else chance.randint(30, LONGEST_READ)
        bases = "".join(chance.choices("ACGT", weights, k=length))
        phred = [min(40, max(2, round(chance.gauss(quality - 14 * (place / 75) ** 3, 3)))) for place in range(length)]
        header = f"@M00123:45:{sample}:1:{1101 + number % 4}:{1000 + 7 * number}:{2000 + 11 * number} {mate}:N:0:ATCACG"
        records.append(f"{header}\n{bases}\n+\n{''.join(chr(33 + value) for value in phred)}\n")
    return "".join(records)


def variants(chromosome: str, length: int, chance: random.Random) -> str:
    """VCF text with single nucleotide variants and short deletions of two donors, some of them doubtful."""
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *DONORS]
    header = [
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Reads at this place, all donors">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads at this place">',
        f"##contig=<ID={chromosome},length={length}>",
        "\t".join(columns),
    ]
    lines = [variant(chromosome, place, chance) for place in sorted(chance.sample(range(10_000, length), 20))]
    return "\n".join([*header, *lines]) + "\n"


def variant(chromosome: str, place: int, chance: random.Random) -> str:
    """One line of a VCF file."""
    reference = chance.choice("ACGT")
    if chance.random() < 0.2:
        alternative, reference = reference, reference + "".join(chance.choices("ACGT", k=2))
    else:
        alternative = chance.choice([base for base in "ACGT" if base != reference])
    depths = [chance.randint(2, 40) for _ in DONORS]
    genotypes = [f"{chance.choice(['0/1', '1/1', '0/0'])}:{depth}" for depth in depths]
    quality = round(chance.uniform(5, 90), 1)
    fields = [chromosome, place, ".", reference, alternative, quality, "PASS", f"DP={sum(depths)}", "GT:DP", *genotypes]
    return "\t".join(map(str, fields))


def main() -> None:
    """Writes all files."""
    chance = random.Random(SEED)  # noqa: S311 - data for an example, the same each time
    directory = EXAMPLES / "quality" / "reads"
    directory.mkdir(parents=True, exist_ok=True)
    for sample, gc, quality, paired in SAMPLES:
        for mate in (1, 2) if paired else (1,):
            text = reads(sample, gc, quality, mate, chance)
            (directory / f"{sample}_R{mate}.fastq.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    directory = EXAMPLES / "variants" / "calls"
    directory.mkdir(parents=True, exist_ok=True)
    for chromosome, length in CHROMOSOMES:
        (directory / f"{chromosome}.vcf").write_text(variants(chromosome, length, chance))


if __name__ == "__main__":
    main()
