-- Forwards each instance that did not come from the archive itself; the job tells in /jobs how it went.
function OnStoredInstance(instanceId, tags, metadata, origin)
  if origin['RequestOrigin'] ~= 'Lua' and origin['RemoteAet'] ~= 'ARCHIVE' and
     origin['Username'] ~= 'archive' then
    SendToModality(instanceId, 'archive')
  end
end
