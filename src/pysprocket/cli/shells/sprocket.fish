# Completion of the command `sprocket` for fish (3.1 or later), printed by `sprocket completions fish`.

function __sprocket_complete
    set -l program (commandline --current-process --tokenize --cut-at-cursor)[1]
    string match --quiet '*/*' -- $program; or set program sprocket
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    COMP_LINE=$line _SPROCKET_COMPLETE=fish_complete $program 2>/dev/null | string replace --regex '^plain,' ''
end

complete --command sprocket --no-files --keep-order --arguments '(__sprocket_complete)'
