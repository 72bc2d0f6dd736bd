version 1.2

# Every place a path can hide in: what the command sees, what it writes, and what comes back.

struct Inner {
    File f
    Map[String, Array[File]] by_name
}

struct Outer {
    Inner inner
    Pair[File, Directory?] pair
    Map[File, Int] keys
    File? none
}

task look {
    input {
        Outer o
        Array[File] same_names
        File data
        File index
        Directory dir
        env File exported
        Map[String, Outer] deep
        Array[Array[File?]] holes
        File odd
    }

    File beside = "~{data}.idx"
    File in_dir = join_paths(dir, "in/one.txt")
    File lines = write_lines(same_names)
    File json = write_json(o.inner)
    File map = write_tsv([[as_pairs(o.keys)[0].left, "~{as_pairs(o.keys)[0].right}"]])
    File table = write_tsv([["a", data], ["b", odd]])
    String private_text = "path: ~{"inner ~{o.inner.f}"}"

    command <<<
        set -e
        text='~{private_text}'
        test "${text##* }" = '~{o.inner.f}'
        cat '~{o.inner.f}' > inner
        cat ~{sep=" " o.inner.by_name["x"]} > by_name
        cat ~{sep(" ", prefix("", squote(o.inner.by_name["x"])))} > squoted
        cat '~{o.pair.left}' > pair
        ls '~{select_first([o.pair.right])}' > pair_dir
        while IFS=$'\t' read -r file number; do printf '%s=%s\n' "$(cat "$file")" "$number"; done < '~{map}' > keys
        while read -r file; do cat "$file"; done < '~{lines}' > lines
        while IFS=$'\t' read -r _ file; do cat "$file"; done < '~{table}' > table
        cat "$(sed -e 's/.*"f" *: *"\([^"]*\)".*/\1/' '~{json}')" > json
        cat "$exported" > exported
        cat "$(dirname '~{data}')/$(basename '~{data}').idx" '~{beside}' > beside
        cat '~{in_dir}' > in_dir
        cat '~{deep["k"].inner.by_name["y"][0]}' '~{deep["k"].pair.left}' > deep
        cat ~{sep(" ", select_all(flatten(holes)))} > holes
        cat -- "$(cat '~{write_lines([odd])}')" > odd
        printf '%s' '~{size(odd)} ~{size(o)} ~{size(dir)}' > sizes
        mkdir -p out/deeper
        echo made > out/deeper/made.txt
        ln -s '~{data}' link.txt
        ln -s '~{dir}' link_dir
        ln -s deeper/made.txt out/relative.txt
        ln -s "$PWD/out/deeper/made.txt" absolute.txt
        ln -s nothing dangling
        echo said
        echo wrote >&2
    >>>

    output {
        Map[String, String] read = {
            "inner": read_string("inner"),
            "by_name": read_string("by_name"),
            "squoted": read_string("squoted"),
            "pair": read_string("pair"),
            "pair_dir": read_string("pair_dir"),
            "keys": read_string("keys"),
            "lines": read_string("lines"),
            "table": read_string("table"),
            "json": read_string("json"),
            "exported": read_string("exported"),
            "beside": read_string("beside"),
            "in_dir": read_string("in_dir"),
            "deep": read_string("deep"),
            "holes": read_string("holes"),
            "odd": read_string("odd"),
            "sizes": read_string("sizes"),
            "stdout": read_string(stdout()),
            "stderr": read_string(stderr()),
            "input": read_string(data),
            "link": read_string("link.txt"),
            "absolute": read_string("absolute.txt"),
            "relative": read_string("out/relative.txt"),
            "base": basename(odd)
        }
        Float link_size = size("link.txt")
        File link = "link.txt"
        File absolute = "absolute.txt"
        Directory link_dir = "link_dir"
        Directory out = "out"
        Array[File] globbed = glob("out/*/*.txt")
        File said = stdout()
        File passed = data
        Directory passed_dir = dir
        Outer passed_struct = o
        Map[File, File] keys = {data: odd}
        Pair[File?, Array[File?]] maybe = ("dangling", ["link.txt", "nothing"])
        Outer made = Outer {
            inner: Inner { f: "inner", by_name: {"a": ["by_name", "pair"]} },
            pair: ("pair", "out"),
            keys: {"keys": 1},
            none: "not_there"
        }
        File written = write_lines(["x"])
        Object anything = object { file: odd, list: [data] }
    }
}

workflow paths {
    input {
        Outer o
        Array[File] same_names
        File data
        File index
        Directory dir
        File odd
        File strange
    }

    call look {
        o,
        same_names,
        data,
        index,
        dir,
        exported = strange,
        deep = {"k": o},
        holes = [[data, None], [None]],
        odd
    }

    File workflow_written = write_lines([read_string(look.said), read_string(look.made.inner.f)])

    call again {
        files = [look.link, look.absolute, look.said, look.made.inner.f, workflow_written, look.written],
        dirs = [look.link_dir, look.out],
        keys = look.keys
    }

    output {
        Map[String, String] read = look.read
        Array[String] said = again.said
        Array[String] here = [
            read_string(look.link),
            read_string(look.passed_struct.inner.f),
            read_string(join_paths(look.link_dir, "in/one.txt")),
            read_string(look.globbed[0]),
            read_string(workflow_written)
        ]
        Float link_size = look.link_size
        File link = look.link
        Directory out = look.out
        File passed = look.passed
        Outer passed_struct = look.passed_struct
        Map[File, File] keys = look.keys
        Pair[File?, Array[File?]] maybe = look.maybe
        Outer made = look.made
        Array[File] globbed = look.globbed
        File written = workflow_written
        Object anything = look.anything
        Array[Int] key_count = [length(keys(look.made.keys)), length(again.said)]
    }
}

task again {
    input {
        Array[File] files
        Array[Directory] dirs
        Map[File, File] keys
    }

    command <<<
        while IFS= read -r file; do printf '%s\n' "$(cat "$file")"; done < '~{write_lines(files)}'
        ls '~{dirs[0]}' '~{dirs[1]}' | sed -e '/:$/d' -e '/^$/d'
        while IFS=$'\t' read -r a b; do cat "$a" "$b"; echo; done < '~{write_map(keys)}'
    >>>

    output {
        Array[String] said = read_lines(stdout())
    }
}
