-- Has wrk say how many requests it has sent, every `step` of them, so that the server's CPU time can be read at two of
-- these moments: opening and closing thousands of connections is then not counted as work for requests.
local sent, step, text = 0, 10000, nil

function init(arguments)
    step = tonumber(arguments[1]) or step
    text = wrk.format()
end

function request()
    sent = sent + 1
    if sent % step == 0 then io.stderr:write("sent ", sent, "\n") end
    return text
end
