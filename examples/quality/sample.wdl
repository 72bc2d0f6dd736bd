version 1.2

# The quality of one sample: its files are trimmed or subsampled if wanted, split into chunks, measured chunk by chunk,
# and the measurements joined. quality.wdl calls this workflow once for each line of the sample sheet.

import "structs.wdl"

workflow sample_quality {
    meta {
        description: "Measures the reads of one sample"
    }

    parameter_meta {
        sample: "Name, condition and FASTQ files (gzip)"
        chunk_size: "Reads per chunk; the chunks are measured at the same time"
        trim_below: "Trim the ends of reads back to the first base of at least this Phred quality"
        subsample: "Take only this many reads of each file"
    }

    input {
        Sample sample
        Int chunk_size = 100
        Int? trim_below
        Int? subsample
    }

    scatter (file in sample.reads) {
        if (defined(subsample)) {
            call take_reads { reads = file, count = select_first([subsample]) }
        }
        File taken = select_first([take_reads.taken, file])

        if (defined(trim_below)) {
            call trim { reads = taken, below = select_first([trim_below]) }
        }
        File usable = select_first([trim.trimmed, taken])

        call split_reads { reads = usable, chunk_size }
    }

    scatter (chunk in flatten(split_reads.chunks)) {
        call count_reads { reads = chunk }
    }

    call length_histogram { name = sample.name, reads = usable }
    call join_counts { parts = count_reads.counts }

    output {
        Map[String, Float] metrics = join_counts.metrics
        File lengths = length_histogram.lengths
        SampleSummary summary = SampleSummary {
            name: sample.name,
            condition: sample.condition,
            files: length(sample.reads),
            reads: round(metrics["reads"]),
            gc_percent: metrics["gc_percent"],
            mean_quality: metrics["mean_quality"],
            mean_length: metrics["mean_length"],
        }
    }
}

task take_reads {
    input {
        File reads
        Int count
    }

    String taken_name = basename(reads, ".fastq.gz") + ".taken.fastq.gz"

    command <<<
        set -euo pipefail
        gzip -dc '~{reads}' | awk 'NR <= ~{4 * count}' | gzip -n > '~{taken_name}'
    >>>

    output {
        File taken = taken_name
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task trim {
    input {
        File reads
        Int below
        Int shortest = 20
    }

    String trimmed_name = basename(reads, ".fastq.gz") + ".trimmed.fastq.gz"

    command <<<
        set -euo pipefail
        gzip -dc '~{reads}' | awk -v below=~{below} -v shortest=~{shortest} '
            BEGIN { for (i = 33; i < 127; i++) phred[sprintf("%c", i)] = i - 33 }
            NR % 4 == 1 { header = $0 }
            NR % 4 == 2 { bases = $0 }
            NR % 4 == 0 {
                end = length($0)
                while (end > 0 && phred[substr($0, end, 1)] < below) end--
                if (end >= shortest)
                    printf "%s\n%s\n+\n%s\n", header, substr(bases, 1, end), substr($0, 1, end)
            }' | gzip -n > '~{trimmed_name}'
    >>>

    output {
        File trimmed = trimmed_name
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task split_reads {
    input {
        File reads
        Int chunk_size
    }

    command <<<
        set -euo pipefail
        gzip -dc '~{reads}' | split --lines=~{4 * chunk_size} --numeric-suffixes --additional-suffix=.fastq - chunk_
        gzip -n chunk_*.fastq
    >>>

    output {
        Array[File] chunks = glob("chunk_*.fastq.gz")
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task count_reads {
    input {
        File reads
    }

    command <<<
        set -euo pipefail
        gzip -dc '~{reads}' | awk '
            BEGIN { for (i = 33; i < 127; i++) phred[sprintf("%c", i)] = i - 33 }
            NR % 4 == 2 { reads++; bases += length($0); gc += gsub(/[GCgc]/, "") }
            NR % 4 == 0 { for (i = length($0); i > 0; i--) quality += phred[substr($0, i, 1)] }
            END {
                printf "{\"reads\": %d, \"bases\": %d, \"gc_bases\": %d, \"quality_sum\": %d}\n",
                    reads, bases, gc, quality
            }'
    >>>

    output {
        ReadCounts counts = read_json(stdout())
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task length_histogram {
    input {
        String name
        Array[File] reads
    }

    command <<<
        set -euo pipefail
        gzip -dc ~{sep(" ", squote(reads))} |
            awk 'NR % 4 == 2 { print length($0) }' |
            sort -n | uniq -c |
            awk '{ print $2 "\t" $1 }' > '~{name}.lengths.tsv'
    >>>

    output {
        File lengths = "~{name}.lengths.tsv"
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}

task join_counts {
    input {
        Array[ReadCounts] parts
    }

    command <<<
        set -euo pipefail
        awk '
            NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
            {
                reads += $column["reads"]
                bases += $column["bases"]
                gc += $column["gc_bases"]
                quality += $column["quality_sum"]
            }
            END {
                printf "{\"reads\": %d, \"bases\": %d, ", reads, bases
                if (bases == 0) bases = 1
                if (reads == 0) reads = 1
                printf "\"gc_percent\": %.2f, \"mean_quality\": %.2f, \"mean_length\": %.2f}\n",
                    100 * gc / bases, quality / bases, bases / reads
            }' ~{write_tsv(parts, true)} > metrics.json
    >>>

    output {
        Map[String, Float] metrics = read_json("metrics.json")
    }

    requirements {
        container: "ubuntu:latest"
        memory: "256 MiB"
    }
}
