version 1.2

# Summarises the quality of sequencing reads: a line for each sample of a sample sheet, joined in one report.
#
# Run it in the top directory of the project, with Docker:
#
#     sprocket run examples/quality/quality.wdl @examples/quality/inputs.json
#
# or with the programs of this computer (bash, coreutils, awk, gzip, sed) and no container engine:
#
#     sprocket run examples/quality/quality.wdl @examples/quality/inputs.json --backend local

import "structs.wdl"
import "sample.wdl" as per_sample

workflow quality {
    meta {
        description: "Reads, GC content, base quality and read lengths of every sample, and a report"
    }

    parameter_meta {
        sample_sheet: "TSV with the columns sample, condition, reads1, reads2; reads2 is NA for single-end samples"
        reads: "The directory that holds the FASTQ files (gzip) the sheet names"
        title: "Heading of the report"
        wanted_quality: "Samples whose mean Phred quality is below this are listed for sequencing again"
        chunk_size: "Reads per chunk"
        trim_below: "Trim the ends of reads back to the first base of at least this Phred quality"
        subsample: "Take only this many reads of each file"
    }

    input {
        File sample_sheet
        Directory reads
        String title = "Sequencing quality"
        Float wanted_quality = 28.0
        Int chunk_size = 100
        Int? trim_below
        Int? subsample
    }

    Array[SheetRow] rows = read_tsv(sample_sheet, true)

    scatter (row in rows) {
        # The sheet names files; they become File values by the directory they are in.
        File reads1 = join_paths(reads, row.reads1)
        if (row.reads2 != "NA") {
            File reads2 = join_paths(reads, row.reads2)
        }
        Sample sample = Sample {
            name: row.sample,
            condition: row.condition,
            reads: select_all([reads1, reads2]),
        }

        call per_sample.sample_quality { sample, chunk_size, trim_below, subsample }

        Pair[String, String] member = (row.condition, row.sample)
        Pair[String, Map[String, Float]] measured = (row.sample, sample_quality.metrics)
        if (sample_quality.summary.mean_quality < wanted_quality) {
            String low_sample = row.sample
        }
    }

    Map[String, Array[String]] samples_by_condition = collect_by_key(member)
    Array[String] low_samples = select_all(low_sample)

    if (length(low_samples) > 0) {
        call list_samples { samples = low_samples }
    }

    call report {
        title,
        summaries = sample_quality.summary,
        lengths = sample_quality.lengths,
        conditions = keys(samples_by_condition),
    }

    output {
        File summary_report = report.markdown
        Array[SampleSummary] summaries = sample_quality.summary
        Map[String, Map[String, Float]] metrics = as_map(measured)
        Map[String, Array[String]] conditions = samples_by_condition
        Array[File] lengths = sample_quality.lengths
        File? sequence_again = list_samples.list
    }
}

task list_samples {
    input {
        Array[String] samples
    }

    command <<<
        sort '~{write_lines(samples)}' > sequence_again.txt
    >>>

    output {
        File list = "sequence_again.txt"
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task report {
    input {
        env String title
        Array[SampleSummary] summaries
        Array[File] lengths
        Array[String] conditions
    }

    command <<<
        set -euo pipefail
        export LC_ALL=C
        tab=$(printf '\t')
        {
            printf '# %s\n\n' "$title"
            printf '| sample | condition | files | reads | GC %% | quality | length |\n'
            printf '|---|---|--:|--:|--:|--:|--:|\n'
            sort -t "$tab" -k 6,6gr -k 1,1 '~{write_tsv(summaries)}' |
                awk -F '\t' '{ printf "| %s | %s | %d | %d | %.1f | %.1f | %.1f |\n", $1, $2, $3, $4, $5, $6, $7 }'

            printf '\n## Read lengths\n\n| sample | most frequent length | shortest | longest |\n|---|--:|--:|--:|\n'
            for file in ~{sep(" ", squote(lengths))}; do
                name=$(basename "$file" .lengths.tsv)
                often=$(sort -k 2,2nr -k 1,1nr "$file" | sed -n '1s/\t.*//p')
                shortest=$(sed -n '1s/\t.*//p' "$file")
                longest=$(sed -n '$s/\t.*//p' "$file")
                printf '| %s | %d | %d | %d |\n' "$name" "$often" "$shortest" "$longest"
            done

            printf '\n~{length(summaries)} samples, conditions: %s.\n' '~{sep(", ", conditions)}'
        } > report.md
    >>>

    output {
        File markdown = "report.md"
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}
