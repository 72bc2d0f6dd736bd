# Completion of the command `sprocket` for bash (4.4 or later), printed by `sprocket completions bash`.

_sprocket() {
    local program=sprocket type value
    [[ $1 == */* ]] && program=${1/#\~\//$HOME/}
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            path) COMPREPLY+=("$value") && compopt -o filenames ;;
            default) compopt -o bashdefault -o default ;;
        esac
        [[ $value == *[=/.@] ]] && compopt -o nospace
    done < <(
        COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_REPLACED="$2" _SPROCKET_COMPLETE=bash_complete \
            "$program" 2> /dev/null
    )
}

complete -o nosort -F _sprocket sprocket 2> /dev/null || complete -F _sprocket sprocket
