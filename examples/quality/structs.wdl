version 1.2

# One line of the sample sheet, as it is written there.
struct SheetRow {
    String sample
    String condition
    String reads1
    String reads2

    meta {
        description: "Names of files in the directory of reads; reads2 is NA for a single-end sample."
    }
}

# A sample whose files have been found: one file of reads, or two of paired reads.
struct Sample {
    String name
    String condition
    Array[File] reads
}

# What one pass over a file of reads counts.
struct ReadCounts {
    Int reads
    Int bases
    Int gc_bases
    Int quality_sum
}

# One line of the report.
struct SampleSummary {
    String name
    String condition
    Int files
    Int reads
    Float gc_percent
    Float mean_quality
    Float mean_length
}
