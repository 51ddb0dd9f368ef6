"""The commands of ``geoinfer``, one module for each thing that people come to do."""
