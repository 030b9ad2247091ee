/* A plugin that does nothing, in the ways in which a library can be good or bad: see the Dockerfile. */

#include <stdlib.h>
#include <orthanc/OrthancCPlugin.h>

#ifdef CALLS
extern void CALLS(void);
#endif

#ifdef NEEDS
extern void NEEDS(void);
void (*needed)(void) = NEEDS;
#endif

int32_t OrthancPluginInitialize(OrthancPluginContext *context)
{
    if (!OrthancPluginCheckVersion(context))
        return -1;
#ifdef REFUSES
    OrthancPluginLogError(context, "today is no good day");
    return -1;
#endif
#ifdef ABORTS
    abort();
#endif
#ifdef CALLS
    CALLS();
#endif
    return 0;
}

void OrthancPluginFinalize(void)
{
}

const char *OrthancPluginGetName(void)
{
    return NAME;
}

const char *OrthancPluginGetVersion(void)
{
    return "1.0";
}
