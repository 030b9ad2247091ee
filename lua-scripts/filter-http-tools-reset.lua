-- On POST /tools/reset, rebuild the configuration from the files, secrets and variables of the container
-- before Orthanc restarts. When the new configuration has problems, the reset is refused (HTTP 403), Orthanc
-- goes on with what it has, and its log says why.
--
-- To use it, add "/lua-scripts/filter-http-tools-reset.lua" to "LuaScripts". It declares
-- IncomingHttpRequestFilter; a filter that was declared before it is still asked for every request.

local earlierFilter = IncomingHttpRequestFilter

local function regenerated()
  local output = io.popen('/usr/local/bin/config write 2>&1', 'r')
  if output == nil then
    print('Reset refused: the command "config write" cannot be started')
    return false
  end

  for line in output:lines() do
    print(line)
  end

  local done = output:close()
  if not done then
    print('Reset refused: the configuration has problems (see above), Orthanc goes on with what it has')
  end
  return done == true
end

function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  if earlierFilter ~= nil and not earlierFilter(method, uri, ip, username, httpHeaders) then
    return false
  end

  if method == 'POST' and (uri == '/tools/reset' or uri == '/tools/reset/') then
    return regenerated()
  end

  return true
end
