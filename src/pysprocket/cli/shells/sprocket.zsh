#compdef sprocket
# Completion of the command `sprocket` for zsh, printed by `sprocket completions zsh`.

_sprocket() {
    local -a response open closed files
    local program=${(Q)words[1]} line type value help

    [[ $program == */* ]] && program=${~program} || program=sprocket
    line="${(j: :)${(@)words[1,CURRENT-1]}} $QIPREFIX$IPREFIX$PREFIX"
    response=("${(@f)$(COMP_LINE=$line _SPROCKET_COMPLETE=zsh_complete $program 2> /dev/null)}")

    for type value help in "${response[@]}"; do
        [[ $help == _ ]] && help=
        case $type in
            plain)
                if [[ $value == *[=/.@] ]]; then
                    open+=("$value${help:+:$help}")
                else
                    closed+=("$value${help:+:$help}")
                fi
                ;;
            file | dir) files=("$type" "$value" "$help") ;;
        esac
    done

    (( $#open )) && _describe -V sprocket open -S ''
    (( $#closed )) && _describe -V sprocket closed
    (( $#files )) || return
    compset -P "${(b)files[2]}"
    case $files[1] in
        dir) _files -/ ;;
        file) _files ${files[3]:+-g} $files[3] ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _sprocket "$@"  # from a directory of $fpath
else
    compdef _sprocket sprocket
fi
