version 1.0

## Filters the variant calls of each chromosome and merges what is left into one VCF file.
##
## Run it in the top directory of the project, with Docker:
##
##     sprocket run examples/variants/merge_variants.wdl @examples/variants/inputs.json
##
## or with the programs of this computer (bash, coreutils, awk, grep, sed) and no container engine:
##
##     sprocket run examples/variants/merge_variants.wdl @examples/variants/inputs.json --backend local
##
## It is written in WDL 1.0, in the style of many public workflows.

struct RuntimeAttr {
  Float? mem_gb
  Int? cpu_cores
  Int? disk_gb
  Int? preemptible_tries
  String? docker
}

workflow MergeVariants {
  input {
    # one line per chromosome: name, length
    File chromosome_list
    # one VCF file per line of chromosome_list
    Array[File] vcfs
    String cohort_name
    Float min_qual = 30.0
    Int? min_depth
    Array[String]? donors
    Boolean count_types = true
    RuntimeAttr? runtime_attr_override
  }

  Array[Array[String]] chromosomes = read_tsv(chromosome_list)

  scatter (index in range(length(chromosomes))) {
    String chromosome = chromosomes[index][0]

    call FilterVcf {
      input:
        vcf = vcfs[index],
        prefix = cohort_name + "." + chromosome,
        min_qual = min_qual,
        min_depth = min_depth,
        runtime_attr_override = runtime_attr_override
    }

    Pair[String, Int] kept_on = (chromosome, FilterVcf.kept)
  }

  if (defined(donors)) {
    call CheckDonors {
      input:
        vcf = vcfs[0],
        donors = select_first([donors, []])
    }
  }

  call MergeVcfs {
    input:
      vcfs = FilterVcf.filtered_vcf,
      prefix = cohort_name,
      runtime_attr_override = runtime_attr_override
  }

  if (count_types) {
    call CountTypes {
      input:
        vcf = MergeVcfs.merged_vcf
    }
  }

  output {
    File merged_vcf = MergeVcfs.merged_vcf
    Int variants = MergeVcfs.variants
    Array[Pair[String, Int]] kept = kept_on
    Map[String, String]? types = CountTypes.types
    Array[String] missing_donors = select_first([CheckDonors.missing, []])
  }
}

task FilterVcf {
  input {
    File vcf
    String prefix
    Float min_qual
    Int? min_depth
    RuntimeAttr? runtime_attr_override
  }

  Int disk_size = ceil(size(vcf, "GB") * 2) + 10
  RuntimeAttr default_attr = object {
    mem_gb: 1,
    cpu_cores: 1,
    disk_gb: disk_size,
    preemptible_tries: 3,
    docker: "ubuntu:latest"
  }
  RuntimeAttr runtime_attr = select_first([runtime_attr_override, default_attr])

  command <<<
    set -eo pipefail

    awk -F '\t' -v min_qual=~{min_qual} ~{"-v min_depth=" + min_depth} '
      /^#/ { print; next }
      {
        depth = 0
        if (match($8, /DP=[0-9]+/)) depth = substr($8, RSTART + 3, RLENGTH - 3) + 0
        if ($6 >= min_qual && depth >= min_depth + 0) print
      }' ~{vcf} > ~{prefix}.filtered.vcf

    grep -vc '^#' ~{prefix}.filtered.vcf > kept.txt || true
  >>>

  output {
    File filtered_vcf = "~{prefix}.filtered.vcf"
    Int kept = read_int("kept.txt")
  }

  runtime {
    docker: select_first([runtime_attr.docker, default_attr.docker])
    cpu: select_first([runtime_attr.cpu_cores, default_attr.cpu_cores])
    memory: select_first([runtime_attr.mem_gb, default_attr.mem_gb]) + " GB"
    disks: "local-disk " + select_first([runtime_attr.disk_gb, default_attr.disk_gb]) + " HDD"
    bootDiskSizeGb: 10
    preemptible: select_first([runtime_attr.preemptible_tries, default_attr.preemptible_tries])
  }
}

task MergeVcfs {
  input {
    Array[File] vcfs
    String prefix
    String? source
    RuntimeAttr? runtime_attr_override
  }

  RuntimeAttr default_attr = object {
    mem_gb: 1,
    disk_gb: 10
  }
  RuntimeAttr runtime_attr = select_first([runtime_attr_override, default_attr])

  # This command is in braces: in it, a brace ends the command, so awk and shell braces cannot be used.
  command {
    set -eo pipefail

    # the header of the first file without its column line, the contigs of the others, the column line, the variants
    grep -h '^##' ${vcfs[0]} | grep -v '^##contig' > ${prefix}.vcf
    echo '##source=${default="MergeVariants" source}' >> ${prefix}.vcf
    grep -h '^##contig' ${sep=" " vcfs} >> ${prefix}.vcf
    grep -h '^#CHROM' ${vcfs[0]} >> ${prefix}.vcf
    cat ${sep=' ' vcfs} | sed '/^#/d' | LC_ALL=C sort -k 1,1V -k 2,2n >> ${prefix}.vcf

    sed '/^#/d' ${prefix}.vcf | wc -l
  }

  output {
    File merged_vcf = "${prefix}.vcf"
    Int variants = read_int(stdout())
  }

  runtime {
    docker: "ubuntu:latest"
    memory: "${select_first([runtime_attr.mem_gb, default_attr.mem_gb])} GB"
    disks: "local-disk ${select_first([runtime_attr.disk_gb, default_attr.disk_gb])} HDD"
    maxRetries: 1
  }
}

task CountTypes {
  input {
    File vcf
    Boolean most_frequent_first = true
  }

  command <<<
    sed '/^#/d' ~{vcf} | awk -F '\t' '
      { type = length($4) == length($5) ? "substitution" : "deletion"; seen[type]++ }
      END { for (type in seen) print type "\t" seen[type] }' |
      LC_ALL=C sort ~{true='-k 2,2nr' false='-k 1,1' most_frequent_first} > types.tsv
  >>>

  output {
    Map[String, String] types = read_map("types.tsv")
  }

  runtime {
    docker: "ubuntu:latest"
    memory: "512 MB"
    disks: "local-disk 10 HDD"
    preemptible: 3
  }
}

task CheckDonors {
  input {
    File vcf
    Array[String] donors
  }

  command <<<
    grep '^#CHROM' ~{vcf} | cut -f 10- | tr '\t' '\n' | sort > present.txt
    sort ~{write_lines(donors)} | comm -23 - present.txt > missing.txt
  >>>

  output {
    Array[String] missing = read_lines("missing.txt")
  }

  runtime {
    docker: "ubuntu:latest"
    memory: "512 MB"
    disks: "local-disk 10 HDD"
    preemptible: 3
  }
}
