import heapfloor = require('@heapfloor/instrumentation');

const instrumentation: heapfloor.HeapfloorInstrumentation = new heapfloor.HeapfloorInstrumentation();
instrumentation.disable();
